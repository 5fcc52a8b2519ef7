// SPDX-License-Identifier: Apache-2.0

/// The last stage: how pieces become text again.
public enum TokenDecoder: Sendable, Equatable {
  /// Joins continuing pieces to the word before.
  case wordPiece(WordPieceDecoder)

  /// Returns the text of the tokens.
  public func decode(_ tokens: [String]) -> String {
    switch self {
    case .wordPiece(let decoder): decoder.decode(tokens)
    }
  }
}
