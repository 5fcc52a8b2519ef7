// SPDX-License-Identifier: Apache-2.0

/// Checks of UTF-8 on raw bytes; nothing is ever repaired.
public enum UTF8Check {
  /// Returns the offset of the first byte that does not belong to well-formed UTF-8, or nil.
  public static func firstInvalidOffset(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let count = bytes.count
    let raw = UnsafeRawBufferPointer(bytes)
    var position = 0
    while position < count {
      if position + 8 <= count,
        raw.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        position += 8
        continue
      }
      if bytes[position] < 0x80 {
        position += 1
        continue
      }
      guard let length = sequenceLength(in: bytes, at: position) else { return position }
      position += length
    }
    return nil
  }

  /// Returns the offset of the first byte that does not belong to well-formed UTF-8, or nil.
  public static func firstInvalidOffset(in bytes: [UInt8]) -> Int? {
    bytes.withUnsafeBufferPointer { firstInvalidOffset(in: $0) }
  }

  /// Returns the length of the well-formed sequence of two to four bytes that starts here, or nil.
  ///
  /// The table of well-formed sequences is 3-7 of the Unicode Standard: overlong forms, surrogates and
  /// numbers above U+10FFFF are excluded by the bounds of the second byte.
  static func sequenceLength(in bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Int? {
    let length: Int
    let second: ClosedRange<UInt8>
    switch bytes[position] {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: return nil
    }
    guard position + length <= bytes.count, second ~= bytes[position + 1] else { return nil }
    for offset in 2..<max(2, length) where bytes[position + offset] & 0xC0 != 0x80 { return nil }
    return length
  }
}
