// SPDX-License-Identifier: Apache-2.0

/// Turns the characters that stand for bytes back into bytes.
enum ByteLevelDecoder {
  /// Returns the text; bytes that are no UTF-8 become U+FFFD.
  static func decode(_ tokens: [String]) -> String {
    var text: [UInt8] = []
    for token in tokens {
      // An added token may be written in any characters.
      text += ByteAlphabet.bytes(of: token.utf8) ?? Array(token.utf8)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
