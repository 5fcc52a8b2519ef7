// SPDX-License-Identifier: Apache-2.0

/// Joins continuing pieces to the word before and puts spaces between words.
public struct WordPieceDecoder: Sendable, Equatable {
  /// What continuing pieces begin with.
  public var continuingPrefix: String
  /// Whether the space before `.`, `?`, `!`, `,` and English contractions goes.
  public var cleansSpaces: Bool

  /// Makes a decoder with the settings of BERT.
  public init(continuingPrefix: String = "##", cleansSpaces: Bool = true) {
    self.continuingPrefix = continuingPrefix
    self.cleansSpaces = cleansSpaces
  }

  /// Returns the text of the tokens.
  public func decode(_ tokens: [String]) -> String {
    let prefix = Array(continuingPrefix.utf8)
    var text: [UInt8] = []
    for (index, token) in tokens.enumerated() {
      var bytes = Array(token.utf8)
      if index > 0 {
        if bytes.starts(with: prefix) {
          bytes.removeFirst(prefix.count)
        } else {
          bytes.insert(0x20, at: 0)
        }
      }
      text += cleansSpaces ? Self.cleaned(bytes) : bytes
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// What is replaced in each token with its space, one rule after the other.
  private static let replacements: [(from: [UInt8], to: [UInt8])] = [
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
    (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ].map { (Array($0.utf8), Array($1.utf8)) }

  private static func cleaned(_ token: [UInt8]) -> [UInt8] {
    guard token.contains(0x20) else { return token }
    return replacements.reduce(token) { $0.replacingAll($1.from, with: $1.to) }
  }
}
