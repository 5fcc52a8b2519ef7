// SPDX-License-Identifier: Apache-2.0

/// Words that are what stands between white space.
enum WhitespaceSplit {
  @inline(__always)
  static func forEachWord(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    var wordStart = range.lowerBound
    var position = range.lowerBound
    while position < range.upperBound {
      let lead = bytes[position]
      var (length, isSpace) = (1, lead == 0x20 || lead &- 0x09 < 5)
      if lead >= 0x80 {
        let (scalar, scalarLength) = UTF8Scalars.scalar(in: bytes, at: position)
        length = scalarLength
        isSpace = UnicodeData.shared.traits(of: scalar).contains(.whitespace)
      }
      if isSpace {
        if wordStart < position { body(wordStart..<position) }
        wordStart = position + length
      }
      position += length
    }
    if wordStart < position { body(wordStart..<position) }
  }
}
