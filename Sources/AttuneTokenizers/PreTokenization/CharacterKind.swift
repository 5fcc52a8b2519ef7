// SPDX-License-Identifier: Apache-2.0

/// What the patterns of byte-level tokenizers tell apart.
enum CharacterKind {
  case letter, number, space, other

  /// Returns the kind of the scalar at the position and its length in bytes.
  @inline(__always)
  static func at(
    _ position: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> (kind: CharacterKind, length: Int) {
    let lead = bytes[position]
    if lead < 0x80 { return (ofASCII(lead), 1) }
    return ofLonger(at: position, in: bytes)
  }

  /// Returns where the scalars of this kind end that begin the range.
  @inline(__always)
  func end(in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
    var position = range.lowerBound
    while position < range.upperBound {
      let (kind, length) = Self.at(position, in: bytes)
      guard kind == self else { break }
      position += length
    }
    return position
  }

  @inline(__always)
  private static func ofASCII(_ byte: UInt8) -> CharacterKind {
    if (byte | 0x20) &- 0x61 < 26 { return .letter }
    if byte &- 0x30 < 10 { return .number }
    return byte == 0x20 || byte &- 0x09 < 5 ? .space : .other
  }

  private static func ofLonger(
    at position: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> (kind: CharacterKind, length: Int) {
    let (scalar, length) = UTF8Scalars.scalar(in: bytes, at: position)
    let traits = UnicodeData.shared.traits(of: scalar)
    if traits.contains(.letter) { return (.letter, length) }
    if traits.contains(.number) { return (.number, length) }
    return (traits.contains(.whitespace) ? .space : .other, length)
  }
}
