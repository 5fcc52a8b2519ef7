// SPDX-License-Identifier: Apache-2.0

/// Joins pieces that stand for bytes to the text that they spell.
enum ByteFallbackDecoder {
  /// Returns the pieces with each row of bytes as one text, or as one U+FFFD for each of its bytes if
  /// the row is not valid UTF-8.
  static func decode(_ tokens: [String]) -> [String] {
    var decoded: [String] = []
    var row: [UInt8] = []
    func endRow() {
      guard !row.isEmpty else { return }
      if let text = String(validating: row, as: UTF8.self) {
        decoded.append(text)
      } else {
        decoded += repeatElement("\u{FFFD}", count: row.count)
      }
      row.removeAll()
    }
    for token in tokens {
      if let byte = byte(of: token) {
        row.append(byte)
      } else {
        endRow()
        decoded.append(token)
      }
    }
    endRow()
    return decoded
  }

  private static func byte(of token: String) -> UInt8? {
    let bytes = Array(token.utf8)
    guard bytes.count == 6, bytes.starts(with: "<0x".utf8), bytes[5] == UInt8(ascii: ">") else {
      return nil
    }
    return UInt8(String(decoding: bytes[3..<5], as: UTF8.self), radix: 16)
  }
}
