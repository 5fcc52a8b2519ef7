// SPDX-License-Identifier: Apache-2.0

/// The third stage: how a word becomes pieces of the vocabulary.
public enum SubwordModel: Sendable, Equatable {
  /// The longest piece first, as in BERT.
  case wordPiece(WordPiece)

  /// The pieces with their ids.
  public var vocabulary: Vocabulary {
    switch self {
    case .wordPiece(let model): model.vocabulary
    }
  }

  /// The token for words that the vocabulary cannot write.
  var unknownToken: String? {
    switch self {
    case .wordPiece(let model): model.unknownToken
    }
  }

  /// Appends the pieces of each word of the range.
  func appendPieces(
    of bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, cutBy preTokenizer: PreTokenizer?,
    to pieces: inout PieceList
  ) {
    switch self {
    case .wordPiece(let model):
      guard let preTokenizer else { return model.appendPieces(of: range, in: bytes, to: &pieces) }
      preTokenizer.forEachWord(in: bytes, range) {
        model.appendPieces(of: $0, in: bytes, to: &pieces)
      }
    }
  }
}
