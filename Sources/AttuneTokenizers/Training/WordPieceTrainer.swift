// SPDX-License-Identifier: Apache-2.0

/// Learns a WordPiece vocabulary from texts, by merging the most frequent pair of pieces again and again.
///
/// The same texts and settings give the same vocabulary. Of pairs that are equally frequent, the one
/// whose first piece has the lower id is merged first, then the one whose second piece has; the ids of
/// single characters follow their code points, so nothing depends on the order of the texts.
public struct WordPieceTrainer: Sendable {
  /// Where a training run stands.
  public enum Progress: Sendable, Equatable {
    /// Words are being counted.
    case counting(texts: Int)
    /// Pieces are being merged; the vocabulary grows towards `of`.
    case merging(vocabularySize: Int, of: Int)
  }

  /// The size to reach, special tokens and characters included; fewer if nothing is left to merge.
  public var vocabularySize: Int
  /// How often a pair must stand in the texts to be merged.
  public var minimumFrequency: Int
  /// Whether text becomes lowercase and loses its accents.
  public var lowercases: Bool
  /// The first tokens of the vocabulary, in order; `[UNK]`, `[CLS]` and `[SEP]` must be among them.
  public var specialTokens: [String]
  /// How many different characters are kept, the most frequent ones.
  public var alphabetLimit: Int

  /// Makes a trainer; the settings left out are those of BERT.
  public init(
    vocabularySize: Int = 30_522, minimumFrequency: Int = 2, lowercases: Bool = true,
    specialTokens: [String] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
    alphabetLimit: Int = 1000
  ) {
    self.vocabularySize = vocabularySize
    self.minimumFrequency = minimumFrequency
    self.lowercases = lowercases
    self.specialTokens = specialTokens
    self.alphabetLimit = alphabetLimit
  }

  /// Returns a tokenizer with the vocabulary of the texts.
  ///
  /// `progress` is called every 1,000 texts and every 100 merges; what it throws ends the training.
  public func train(
    on texts: some Sequence<String>, progress: (Progress) throws -> Void = { _ in }
  ) throws -> Tokenizer {
    try checkSettings()
    let normalizer = BERTNormalizer(lowercases: lowercases)
    var counter = WordCounter(normalizer: normalizer)
    for text in texts {
      counter.count(text)
      if counter.textCount % 1000 == 0 { try progress(.counting(texts: counter.textCount)) }
    }
    try progress(.counting(texts: counter.textCount))
    guard counter.words.count > 0 else { throw TokenizerError.noWords(texts: counter.textCount) }
    let vocabulary = try vocabulary(of: counter, progress)
    return try Tokenizer(
      wordPiece: vocabulary, normalizer: normalizer, specialTokens: .bert, maximumLength: nil,
      file: "trained vocabulary")
  }

  private func checkSettings() throws(TokenizerError) {
    let limit = TokenizerLimits.tokens
    guard 1...limit ~= vocabularySize else {
      throw .invalidSetting(
        name: "vocabularySize", value: vocabularySize, expected: "1 to \(limit)")
    }
    guard minimumFrequency >= 1 else {
      throw .invalidSetting(
        name: "minimumFrequency", value: minimumFrequency, expected: "at least 1")
    }
    guard alphabetLimit >= 1 else {
      throw .invalidSetting(name: "alphabetLimit", value: alphabetLimit, expected: "at least 1")
    }
    for required in ["[UNK]", "[CLS]", "[SEP]"] where !specialTokens.contains(required) {
      throw .invalidSpecialTokens(specialTokens, problem: "'\(required)' is missing")
    }
    guard Vocabulary(specialTokens).count == specialTokens.count,
      specialTokens.allSatisfy({ !$0.isEmpty && $0.utf8.count <= TokenizerLimits.tokenBytes })
    else {
      throw .invalidSpecialTokens(specialTokens, problem: "expected different, short texts")
    }
  }

  private func vocabulary(
    of counter: WordCounter, _ progress: (Progress) throws -> Void
  ) throws -> Vocabulary {
    var pieces = Vocabulary(specialTokens)
    let alphabet = counter.alphabet(limit: alphabetLimit)
    pieces.insert(alphabet.first)
    pieces.insert(alphabet.continuing)
    guard pieces.count <= vocabularySize else {
      throw TokenizerError.vocabularyTooSmall(
        size: vocabularySize, special: specialTokens.count,
        characters: pieces.count - specialTokens.count)
    }
    var merger = PairMerger(words: counter, pieces: pieces)
    while merger.pieces.count < vocabularySize, merger.mergeBest(minimumFrequency) {
      if merger.pieces.count % 100 == 0 {
        try progress(.merging(vocabularySize: merger.pieces.count, of: vocabularySize))
      }
    }
    try progress(.merging(vocabularySize: merger.pieces.count, of: vocabularySize))
    return merger.pieces
  }
}

extension Vocabulary {
  fileprivate mutating func insert(_ tokens: [[UInt8]]) {
    for token in tokens { _ = token.withUnsafeBufferPointer { insert($0) } }
  }
}
