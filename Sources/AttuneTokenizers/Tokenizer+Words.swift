// SPDX-License-Identifier: Apache-2.0

extension Tokenizer {
  /// By id, whether a token is one with a part to play, such as `[CLS]`, `[UNK]` or `[MASK]`, and no piece of a text.
  public var specialTokenTable: [Bool] {
    var table = [Bool](repeating: false, count: vocabularySize)
    let parts = [padID, unknownID, classificationID, separatorID, maskID].compactMap { $0 }
    for id in specialIDs.union(parts) where table.indices.contains(Int(id)) {
      table[Int(id)] = true
    }
    return table
  }

  /// By id, whether a token goes on with the word of the token before it.
  ///
  /// In WordPiece these begin with `##`; elsewhere they are those that do not begin with a space, so that punctuation behind a word
  /// belongs to it.
  public var wordContinuationTable: [Bool] {
    let (vocabulary, special) = (model.vocabulary, specialTokenTable)
    let begins: (ArraySlice<UInt8>) -> Bool
    switch model {
    case .wordPiece(let model):
      let prefix = Array(model.continuingPrefix.utf8)
      begins = { !$0.starts(with: prefix) }
    case .bpe, .unigram:
      begins = { $0.starts(with: Self.metaspace) || $0.starts(with: Self.byteLevelSpace) }
    }
    return (0..<vocabularySize).map { id in
      guard id < vocabulary.count, !special[id] else { return false }
      return !begins(vocabulary[Int32(id)])
    }
  }

  /// The tokens that may end a sentence: those that are `.`, `!` or `?`, or an ideographic full stop.
  public var sentenceEndIDs: Set<Int32> {
    Set([".", "!", "?", "。", "！", "？"].compactMap { id(of: $0) })
  }

  private static let metaspace = Array("▁".utf8)
  private static let byteLevelSpace = Array("Ġ".utf8)
}
