// SPDX-License-Identifier: Apache-2.0

/// The characters that byte-level vocabularies write bytes with, as GPT-2 chose them.
///
/// Printable bytes of Latin-1 stand for themselves; the other 68 are, in order, U+0100 and following.
enum ByteAlphabet {
  /// The scalar of each byte.
  static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (UInt32(0)..<256).map { byte in
      if 0x21...0x7E ~= byte || 0xA1...0xAC ~= byte || 0xAE...0xFF ~= byte { return byte }
      defer { next += 1 }
      return next
    }
  }()

  /// The byte of each scalar up to the last one used, or nil.
  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: Int(scalars.max() ?? 0) + 1)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = UInt8(byte) }
    return bytes
  }()

  /// Returns the bytes that a text of the alphabet stands for, or nil if it has other characters.
  static func bytes(of text: some Collection<UInt8>) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var lead: UInt32 = 0
    for unit in text {
      // Longer scalars than two bytes are not in the alphabet.
      if unit < 0x80 {
        guard let byte = Self.bytes[Int(unit)] else { return nil }
        result.append(byte)
      } else if unit & 0xC0 == 0x80 {
        let scalar = Int(lead << 6 | UInt32(unit & 0x3F))
        guard scalar < Self.bytes.count, let byte = Self.bytes[scalar] else { return nil }
        result.append(byte)
      } else {
        guard unit < 0xE0 else { return nil }
        lead = UInt32(unit & 0x1F)
      }
    }
    return result
  }

  /// Returns the UTF-8 of the character of a byte.
  static func utf8(of byte: UInt8) -> [UInt8] {
    var result: [UInt8] = []
    UTF8Scalars.append(scalars[Int(byte)], to: &result)
    return result
  }
}
