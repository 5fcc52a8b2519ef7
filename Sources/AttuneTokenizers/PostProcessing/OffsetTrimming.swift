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

  /// Moves both ends of each range past as many characters as its token has white space there.
  ///
  /// `token` is what was written for an id: an added token may have taken white space of the text.
  func trim(
    _ pieces: inout PieceList, in text: UnsafeBufferPointer<UInt8>,
    token: (_ id: Int32, _ range: Range<Int>) -> ArraySlice<UInt8>
  ) {
    guard pieces.tracksRanges else { return }
    for (index, id) in pieces.ids.enumerated() {
      let range = pieces.ranges[index]
      let token = token(id, range)
      guard Self.mayHaveSpace(token) else { continue }
      var leading = Self.leadingSpace(of: token)
      // One space at the beginning of a text is the one that was put there.
      let isFirst = index == 0 || range.lowerBound == 0
      if addsPrefixSpace, isFirst, leading == 1 { leading = 0 }
      let lower = Self.position(range.lowerBound, after: leading, in: text, to: range.upperBound)
      let upper = Self.position(
        range.upperBound, before: Self.trailingSpace(of: token), in: text, to: lower)
      pieces.ranges[index] = lower..<upper
    }
  }

  private static func position(
    _ start: Int, after count: Int, in text: UnsafeBufferPointer<UInt8>, to limit: Int
  ) -> Int {
    var position = start
    for _ in 0..<count where position < limit {
      position += UTF8Scalars.length(ofLead: text[position])
    }
    return min(position, limit)
  }

  /// Stays where it is if the text has fewer characters before it.
  private static func position(
    _ end: Int, before count: Int, in text: UnsafeBufferPointer<UInt8>, to limit: Int
  ) -> Int {
    var position = end
    for _ in 0..<count {
      guard position > 0 else { return end }
      position -= 1
      while position > 0, text[position] & 0xC0 == 0x80 { position -= 1 }
    }
    return max(position, limit)
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
        guard isSpace(scalar) else { return }
        count += 1
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
        let (scalar, _) = UTF8Scalars.scalar(in: bytes, at: start)
        guard isSpace(scalar) else { return }
        count += 1
        end = start
      }
    }
    return count
  }

  /// Byte-level tokens write a space as U+0120.
  private static func isSpace(_ scalar: UInt32) -> Bool {
    scalar == 0x120 || UnicodeData.shared.traits(of: scalar).contains(.whitespace)
  }
}
