// SPDX-License-Identifier: Apache-2.0

/// The last stage: how pieces become text again.
public enum TokenDecoder: Sendable, Equatable {
  /// Joins continuing pieces to the word before.
  case wordPiece(WordPieceDecoder)
  /// Turns the characters that stand for bytes back into bytes.
  case byteLevel
  /// Turns the suffix that ends words into spaces between them.
  case suffix(SuffixDecoder)

  /// Returns the text of the tokens.
  public func decode(_ tokens: [String]) -> String {
    switch self {
    case .wordPiece(let decoder): decoder.decode(tokens)
    case .byteLevel: ByteLevelDecoder.decode(tokens)
    case .suffix(let decoder): decoder.decode(tokens)
    }
  }
}
