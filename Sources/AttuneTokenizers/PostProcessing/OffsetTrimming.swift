// SPDX-License-Identifier: Apache-2.0

/// Takes the white space of byte-level pieces from their places in the text.
public struct OffsetTrimming: Sendable, Equatable {
  /// Whether anything is taken; otherwise a piece begins at the space before its word.
  public var isOn: Bool
  /// Whether the pre-tokenizer put a space before the text, which has no place in it.
  public var addsPrefixSpace: Bool

  /// Makes a trimming with the settings of RoBERTa.
  public init(isOn: Bool = true, addsPrefixSpace: Bool = false) {
    self.isOn = isOn
    self.addsPrefixSpace = addsPrefixSpace
  }

  /// Moves both ends of each range past the white space of its token.
  func trim(_ pieces: inout PieceList, tokens: (Int32) -> ArraySlice<UInt8>) {
    guard isOn, pieces.tracksRanges else { return }
    for (index, id) in pieces.ids.enumerated() {
      let token = tokens(id)
      guard Self.mayHaveSpace(token) else { continue }
      let range = pieces.ranges[index]
      var (lower, upper) = (range.lowerBound, range.upperBound)
      // The first space of a text is the one that was put there.
      let isFirst = index == 0 || lower == 0
      let leading = addsPrefixSpace && isFirst ? 0 : Self.leadingSpace(of: token)
      lower = min(lower + leading, upper)
      let trailing = Self.trailingSpace(of: token)
      if upper >= trailing { upper = max(upper - trailing, lower) }
      pieces.ranges[index] = lower..<upper
    }
  }

  /// Whether the first or the last byte of a token may belong to white space; most tokens are out here.
  @inline(__always)
  private static func mayHaveSpace(_ token: ArraySlice<UInt8>) -> Bool {
    guard let first = token.first, let last = token.last else { return false }
    return !(0x21..<0x7F ~= first && 0x21..<0x7F ~= last)
  }

  private static func leadingSpace(of token: ArraySlice<UInt8>) -> Int {
    var count = 0
    token.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < bytes.count {
        let (scalar, length) = UTF8Scalars.scalar(in: bytes, at: position)
        let space = spaceLength(of: scalar, length)
        guard space > 0 else { return }
        count += space
        position += length
      }
    }
    return count
  }

  private static func trailingSpace(of token: ArraySlice<UInt8>) -> Int {
    var count = 0
    token.withUnsafeBufferPointer { bytes in
      var end = bytes.count
      while end > 0 {
        var start = end - 1
        while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        let (scalar, length) = UTF8Scalars.scalar(in: bytes, at: start)
        let space = spaceLength(of: scalar, length)
        guard space > 0 else { return }
        count += space
        end = start
      }
    }
    return count
  }

  /// Returns how many bytes of the text a space takes; U+0120 is how byte-level tokens write one.
  private static func spaceLength(of scalar: UInt32, _ length: Int) -> Int {
    if scalar == 0x120 { return 1 }
    return UnicodeData.shared.traits(of: scalar).contains(.whitespace) ? length : 0
  }
}
