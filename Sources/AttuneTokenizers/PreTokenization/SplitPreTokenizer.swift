// SPDX-License-Identifier: Apache-2.0

/// Cuts text where a pattern is found.
public struct SplitPreTokenizer: Sendable, Equatable {
  /// What is looked for.
  public enum Pattern: Sendable, Equatable {
    /// This text, byte for byte.
    case literal(String)
    /// A known regular expression, in the spelling of the file.
    case known(WordPattern, expression: String)
  }

  /// What is looked for.
  public let pattern: Pattern
  /// What becomes of the places where it is found.
  public let behavior: SplitBehavior
  /// Whether what lies between the places counts as found, and they as lying between.
  public let isInverted: Bool

  private let finder: SplitFinder

  /// Makes a pre-tokenizer of a pattern.
  public init(pattern: Pattern, behavior: SplitBehavior, isInverted: Bool = false) {
    self.pattern = pattern
    self.behavior = behavior
    self.isInverted = isInverted
    finder =
      switch pattern {
      case .literal(let text): .literal(Array(text.utf8))
      case .known(let known, _): .words(known)
      }
  }

  func forEachWord(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    behavior.forEachPiece(of: finder, invertedly: isInverted, in: bytes, range, body)
  }
}

/// Finds the places where text is cut.
enum SplitFinder: Sendable, Equatable {
  /// Each scalar with one of the traits.
  case scalars(ScalarTraits)
  /// Each place of these bytes.
  case literal([UInt8])
  /// Each match of a pattern.
  case words(WordPattern)

  /// Returns the end of the match that begins the range, which is not empty, or nil.
  private func end(in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    switch self {
    case .scalars(let traits):
      let (scalar, length) = UTF8Scalars.scalar(in: bytes, at: range.lowerBound)
      return UnicodeData.shared.traits(of: scalar).isDisjoint(with: traits)
        ? nil : range.lowerBound + length
    case .literal(let text):
      guard !text.isEmpty, range.count >= text.count, bytes[range].starts(with: text) else {
        return nil
      }
      return range.lowerBound + text.count
    case .words(let pattern): return pattern.end(in: bytes, range)
    }
  }

  /// Calls `body` with each match and with each stretch between matches.
  func forEachSegment(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>,
    _ body: (Range<Int>, _ isMatch: Bool) -> Void
  ) {
    var restStart = range.lowerBound
    var position = range.lowerBound
    while position < range.upperBound {
      guard let end = end(in: bytes, position..<range.upperBound) else {
        position += UTF8Scalars.length(ofLead: bytes[position])
        continue
      }
      if restStart < position { body(restStart..<position, false) }
      body(position..<end, true)
      (position, restStart) = (end, end)
    }
    if restStart < range.upperBound { body(restStart..<range.upperBound, false) }
  }
}
