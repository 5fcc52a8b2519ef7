// SPDX-License-Identifier: Apache-2.0

/// A token that is found in the text as it stands, before words are cut.
public struct AddedToken: Sendable, Equatable {
  /// The id.
  public var id: Int32
  /// The text of the token.
  public var content: String
  /// Whether decoding may leave it out.
  public var isSpecial: Bool
  /// Whether it is looked for in the normalised text, itself normalised, instead of the raw text.
  public var isNormalized: Bool
  /// Whether it takes the white space before it.
  public var stripsLeft: Bool
  /// Whether it takes the white space after it.
  public var stripsRight: Bool

  /// Makes a token; without settings it is special, as `[MASK]` is.
  public init(
    id: Int32, content: String, isSpecial: Bool = true, isNormalized: Bool = false,
    stripsLeft: Bool = false, stripsRight: Bool = false
  ) {
    self.id = id
    self.content = content
    self.isSpecial = isSpecial
    self.isNormalized = isNormalized
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
  }

  /// Returns whether both are the same token, byte for byte.
  public static func == (left: AddedToken, right: AddedToken) -> Bool {
    left.id == right.id && left.content.utf8.elementsEqual(right.content.utf8)
      && left.isSpecial == right.isSpecial && left.isNormalized == right.isNormalized
      && left.stripsLeft == right.stripsLeft && left.stripsRight == right.stripsRight
  }
}

/// Finds added tokens in a text: the leftmost first, and of those the longest.
struct AddedTokenMatcher: Sendable {
  private let tokens: [AddedToken]
  private let patterns: Vocabulary
  private var canBegin = [Bool](repeating: false, count: 256)

  /// Makes a matcher of tokens with the texts to look for; of equal texts the first token counts.
  init(_ tokens: [(token: AddedToken, pattern: String)]) {
    var kept: [AddedToken] = []
    var patterns = Vocabulary()
    for (token, pattern) in tokens {
      guard let first = pattern.utf8.first else { continue }
      var pattern = pattern
      if pattern.withUTF8({ patterns.insert($0).isNew }) { kept.append(token) }
      canBegin[Int(first)] = true
    }
    (self.tokens, self.patterns) = (kept, patterns)
  }

  var isEmpty: Bool { tokens.isEmpty }

  /// Calls `body` with each stretch of the range: a token, or what lies between tokens.
  @inline(__always)
  func forEachStretch(
    of bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>,
    _ body: (Range<Int>, AddedToken?) -> Void
  ) {
    var restStart = range.lowerBound
    var position = range.lowerBound
    while !tokens.isEmpty, position < range.upperBound {
      guard canBegin[Int(bytes[position])],
        let (index, length) = patterns.longestPrefix(
          of: UnsafeBufferPointer(rebasing: bytes[position..<range.upperBound]))
      else {
        position += 1
        continue
      }
      let token = tokens[Int(index)]
      var match = position..<position + length
      position = match.upperBound
      if token.stripsLeft { match = extendedLeft(match, in: bytes, to: restStart) }
      if token.stripsRight { match = extendedRight(match, in: bytes, to: range.upperBound) }
      if restStart < match.lowerBound { body(restStart..<match.lowerBound, nil) }
      body(match, token)
      restStart = match.upperBound
      position = max(position, restStart)
    }
    if restStart < range.upperBound { body(restStart..<range.upperBound, nil) }
  }

  private func extendedLeft(
    _ match: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, to limit: Int
  ) -> Range<Int> {
    var start = match.lowerBound
    while start > limit {
      var previous = start - 1
      while previous > limit, bytes[previous] & 0xC0 == 0x80 { previous -= 1 }
      guard isWhitespace(at: previous, bytes) else { break }
      start = previous
    }
    return start..<match.upperBound
  }

  private func extendedRight(
    _ match: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, to limit: Int
  ) -> Range<Int> {
    var end = match.upperBound
    while end < limit, isWhitespace(at: end, bytes) {
      end += UTF8Scalars.length(ofLead: bytes[end])
    }
    return match.lowerBound..<end
  }

  private func isWhitespace(at position: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    UnicodeData.shared.traits(of: UTF8Scalars.scalar(in: bytes, at: position).value)
      .contains(.whitespace)
  }
}
