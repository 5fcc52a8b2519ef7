// SPDX-License-Identifier: Apache-2.0

/// The third stage: how a word becomes pieces of the vocabulary.
public enum SubwordModel: Sendable, Equatable {
  /// The longest piece first, as in BERT.
  case wordPiece(WordPiece)
  /// Pairs merged in the order of a list, as in GPT-2 and RoBERTa.
  case bpe(BPE)
  /// The most probable pieces, as in SentencePiece.
  case unigram(Unigram)

  /// The pieces with their ids.
  public var vocabulary: Vocabulary {
    switch self {
    case .wordPiece(let model): model.vocabulary
    case .bpe(let model): model.vocabulary
    case .unigram(let model): model.vocabulary
    }
  }

  /// The name in `tokenizer.json`.
  public var kind: String {
    switch self {
    case .wordPiece: "WordPiece"
    case .bpe: "BPE"
    case .unigram: "Unigram"
    }
  }

  /// The token for words that the vocabulary cannot write.
  var unknownToken: String? {
    switch self {
    case .wordPiece(let model): model.unknownToken
    case .bpe(let model): model.settings.unknownToken
    case .unigram(let model): model.vocabulary.token(of: model.unknownID)
    }
  }

  /// Appends the pieces of each word of the range; the pre-tokenizer only cuts.
  func appendPieces(
    of bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, cutBy preTokenizer: PreTokenizer?,
    to pieces: inout PieceList
  ) {
    switch self {
    case .wordPiece(let model):
      let rules = model.rules
      guard let preTokenizer else { return rules.appendPieces(of: range, in: bytes, to: &pieces) }
      preTokenizer.forEachWord(in: bytes, range) {
        rules.appendPieces(of: $0, in: bytes, to: &pieces)
      }
    case .bpe(let model):
      let rules = model.rules
      guard let preTokenizer else { return rules.appendPieces(of: range, in: bytes, to: &pieces) }
      preTokenizer.forEachWord(in: bytes, range) {
        rules.appendPieces(of: $0, in: bytes, to: &pieces)
      }
    case .unigram(let model):
      guard let preTokenizer else { return model.appendPieces(of: range, in: bytes, to: &pieces) }
      preTokenizer.forEachWord(in: bytes, range) {
        model.appendPieces(of: $0, in: bytes, to: &pieces)
      }
    }
  }

  /// Appends the pieces of words that are cut already.
  func appendPieces(of words: PreTokenizedText, to pieces: inout PieceList) {
    // The cases stand outside of the loops: taking a model out of its case costs more than a word.
    words.text.bytes.withUnsafeBufferPointer { bytes in
      switch self {
      case .wordPiece(let model):
        let rules = model.rules
        for word in words.words { rules.appendPieces(of: word, in: bytes, to: &pieces) }
      case .bpe(let model):
        let rules = model.rules
        for word in words.words { rules.appendPieces(of: word, in: bytes, to: &pieces) }
      case .unigram(let model):
        for word in words.words { model.appendPieces(of: word, in: bytes, to: &pieces) }
      }
    }
  }
}
