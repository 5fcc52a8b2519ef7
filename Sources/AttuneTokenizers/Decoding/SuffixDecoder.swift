// SPDX-License-Identifier: Apache-2.0

/// Turns the suffix that ends words into spaces between them.
public struct SuffixDecoder: Sendable, Equatable {
  /// What pieces end with that end a word.
  public var suffix: String

  /// Makes a decoder.
  public init(suffix: String = "</w>") { self.suffix = suffix }

  /// Returns the text of the tokens; the last word ends without a space.
  public func decode(_ tokens: [String]) -> String {
    let suffix = Array(suffix.utf8)
    let text = tokens.enumerated().flatMap { index, token in
      let space: [UInt8] = index == tokens.count - 1 ? [] : [0x20]
      return suffix.isEmpty
        ? Array(token.utf8) + space : Array(token.utf8).replacingAll(suffix, with: space)
    }
    return String(decoding: text, as: UTF8.self)
  }
}
