// SPDX-License-Identifier: Apache-2.0

/// The words of BERT: cut at white space, every punctuation mark a word of its own.
enum BERTPreTokenizer {
  @inline(__always)
  static func forEachWord(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    var wordStart = range.lowerBound
    var position = range.lowerBound
    while position < range.upperBound {
      let lead = bytes[position]
      let length: Int
      let kind: Kind
      if lead < 0x80 {
        (length, kind) = (1, asciiKind(lead))
      } else {
        let (scalar, scalarLength) = UTF8Scalars.scalar(in: bytes, at: position)
        (length, kind) = (scalarLength, Self.kind(of: scalar))
      }
      let next = position + length
      if kind != .letter {
        if wordStart < position { body(wordStart..<position) }
        if kind == .punctuation { body(position..<next) }
        wordStart = next
      }
      position = next
    }
    if wordStart < position { body(wordStart..<position) }
  }

  private enum Kind { case letter, space, punctuation }

  // One bit for each of the first 64 and the second 64 scalars of ASCII.
  private static var spaces: UInt64 { 0x0000_0001_0000_3E00 }
  private static var lowPunctuation: UInt64 { 0xFC00_FFFE_0000_0000 }
  private static var highPunctuation: UInt64 { 0x7800_0001_F800_0001 }

  @inline(__always)
  private static func asciiKind(_ byte: UInt8) -> Kind {
    let bit: UInt64 = 1 &<< UInt64(byte & 63)
    if byte >= 64 { return highPunctuation & bit != 0 ? .punctuation : .letter }
    if spaces & bit != 0 { return .space }
    return lowPunctuation & bit != 0 ? .punctuation : .letter
  }

  private static func kind(of scalar: UInt32) -> Kind {
    let traits = UnicodeData.shared.traits(of: scalar)
    if traits.contains(.whitespace) { return .space }
    return traits.contains(.punctuation) ? .punctuation : .letter
  }
}
