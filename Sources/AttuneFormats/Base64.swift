// SPDX-License-Identifier: Apache-2.0

/// Bytes as 64 letters (RFC 4648, section 4), with padding.
public enum Base64 {
  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, letter) in letters.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  /// Returns the bytes, or nil if the text is not exactly what encoding them gives.
  public static func decode(_ text: String) -> [UInt8]? {
    text.withUTF8Bytes { text in
      guard text.count.isMultiple(of: 4) else { return nil }
      let padding = text.reversed().prefix(2).prefix { $0 == UInt8(ascii: "=") }.count
      let digits = text.count - padding
      var bytes: [UInt8] = []
      bytes.reserveCapacity(text.count / 4 * 3)
      var (group, bits) = (UInt32(0), 0)
      for index in 0..<digits {
        let value = values[Int(text[index])]
        guard value != 0xFF else { return nil }
        group = group << 6 | UInt32(value)
        bits += 6
        guard bits >= 8 else { continue }
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
      }
      // Bits left over must be zero, or two texts would stand for the same bytes.
      return group & (1 << UInt32(bits) - 1) == 0 ? bytes : nil
    }
  }

  /// Returns the text of the bytes.
  public static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      let group = (0..<3).reduce(0) { group, offset in
        group << 8 | (offset < part.count ? Int(part[start + offset]) : 0)
      }
      for place in 0..<4 {
        text.append(
          place <= part.count ? letters[group >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
