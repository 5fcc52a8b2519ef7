// SPDX-License-Identifier: Apache-2.0

/// Learns a Unigram tokenizer from texts (Kudo 2018): words begin with the mark of the space before them, and are cut
/// into the pieces that are most probable together.
///
/// The same texts and settings give the same tokenizer, in whatever order the texts come.
public struct UnigramTrainer: Sendable {
  /// The size to reach, special tokens and characters included; fewer if the texts hold fewer pieces.
  public var vocabularySize: Int
  /// Whether text becomes lowercase.
  public var lowercases: Bool
  /// Whether letters lose their accents.
  public var stripsAccents: Bool
  /// The first tokens of the vocabulary, in order; `<unk>` must be among them.
  public var specialTokens: [String]
  /// How many different characters are kept, the most frequent ones.
  public var alphabetLimit: Int
  /// Whether pieces hold letters, digits or other characters, never several kinds, as in SentencePiece.
  public var separatesKinds: Bool

  /// Makes a trainer; the special tokens left out are those of RoBERTa.
  public init(
    vocabularySize: Int = 30_000, lowercases: Bool = false, stripsAccents: Bool = false,
    specialTokens: [String] = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
    alphabetLimit: Int = 1000, separatesKinds: Bool = false
  ) {
    self.vocabularySize = vocabularySize
    self.lowercases = lowercases
    self.stripsAccents = stripsAccents
    self.specialTokens = specialTokens
    self.alphabetLimit = alphabetLimit
    self.separatesKinds = separatesKinds
  }

  /// Returns a tokenizer with the pieces of the texts.
  ///
  /// `progress` is called every 1,000 texts and after every round; what it throws ends the training.
  public func train(
    on texts: some Sequence<String>, progress: (TokenizerProgress) throws -> Void = { _ in }
  ) throws -> Tokenizer {
    var texts = texts.makeIterator()
    return try TokenizerTrainer.unigram(self).train(progress: progress) { texts.next() }.tokenizer
  }

  private var normalizer: Normalizer {
    SubwordNormalization.sentences(lowercases: lowercases, stripsAccents: stripsAccents)
  }

  private var preTokenizer: PreTokenizer { .metaspace(Metaspace()) }

  var cutter: WordCutter {
    WordCutter(
      normalizer: normalizer, preTokenizer: preTokenizer, separatesKinds: separatesKinds)
  }

  func check() throws(TokenizerError) {
    try TrainerChecks.check(vocabularySize: vocabularySize)
    try TrainerChecks.check(alphabetLimit: alphabetLimit)
    try TrainerChecks.check(specialTokens: specialTokens, required: ["<unk>"])
    guard specialTokens.count < vocabularySize else {
      throw .vocabularyTooSmall(size: vocabularySize, special: specialTokens.count, characters: 1)
    }
  }

  func tokenizer(
    of words: WordCounter, sharing work: some WorkSharing,
    _ progress: (TokenizerProgress) throws -> Void
  ) throws -> Tokenizer {
    let learner = UnigramLearner(
      pieceCount: vocabularySize - specialTokens.count, alphabetLimit: alphabetLimit)
    var vocabulary = Vocabulary(specialTokens)
    var scores = specialTokens.map { _ in 0.0 }
    let pieces = try learner.pieces(
      of: words, reserved: specialTokens.count, sharing: work, progress)
    for (var text, score) in pieces where text.withUTF8({ vocabulary.insert($0).isNew }) {
      scores.append(score)
    }
    guard let unknownID = vocabulary.id(of: "<unk>") else {
      throw TokenizerError.invalidSpecialTokens(specialTokens, problem: "'<unk>' is missing")
    }
    let model = Unigram(vocabulary: vocabulary, scores: scores, unknownID: unknownID)
    return Tokenizer(
      trained: .unigram(model), normalizer: normalizer, preTokenizer, specialTokens)
  }
}
