// SPDX-License-Identifier: Apache-2.0

/// Learns a WordPiece vocabulary from texts, by merging the most frequent pair of pieces again and again.
///
/// The same texts and settings give the same vocabulary. Of pairs that are equally frequent, the one
/// whose first piece has the lower id is merged first, then the one whose second piece has; the ids of
/// single characters follow their code points, so nothing depends on the order of the texts.
public struct WordPieceTrainer: Sendable {
  /// The size to reach, special tokens and characters included; fewer if nothing is left to merge.
  public var vocabularySize: Int
  /// How often a pair must stand in the texts to be merged.
  public var minimumFrequency: Int
  /// Whether text becomes lowercase.
  public var lowercases: Bool
  /// Whether letters lose their accents; nil: when they become lowercase.
  public var stripsAccents: Bool?
  /// The first tokens of the vocabulary, in order; `[UNK]`, `[CLS]` and `[SEP]` must be among them.
  public var specialTokens: [String]
  /// How many different characters are kept, the most frequent ones.
  public var alphabetLimit: Int

  /// Makes a trainer; the settings left out are those of BERT.
  public init(
    vocabularySize: Int = 30_522, minimumFrequency: Int = 2, lowercases: Bool = true,
    stripsAccents: Bool? = nil,
    specialTokens: [String] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
    alphabetLimit: Int = 1000
  ) {
    self.vocabularySize = vocabularySize
    self.minimumFrequency = minimumFrequency
    self.lowercases = lowercases
    self.stripsAccents = stripsAccents
    self.specialTokens = specialTokens
    self.alphabetLimit = alphabetLimit
  }

  /// Returns a tokenizer with the vocabulary of the texts.
  ///
  /// `progress` is called every 1,000 texts and every 100 merges; what it throws ends the training.
  public func train(
    on texts: some Sequence<String>, progress: (TokenizerProgress) throws -> Void = { _ in }
  ) throws -> Tokenizer {
    var texts = texts.makeIterator()
    return try TokenizerTrainer.wordPiece(self).train(progress: progress) { texts.next() }.tokenizer
  }

  /// What stands before the pieces that continue a word.
  private static let continuingPrefix = Array("##".utf8)
  /// Longer words are unknown when encoding: what they hold is not learned.
  private static let longestWord = 100

  private var normalizer: BERTNormalizer {
    BERTNormalizer(stripsAccents: stripsAccents, lowercases: lowercases)
  }

  var cutter: WordCutter {
    WordCutter(
      normalizer: .bert(normalizer), preTokenizer: .bert, longestWord: Self.longestWord)
  }

  func check() throws(TokenizerError) {
    try TrainerChecks.check(vocabularySize: vocabularySize)
    try TrainerChecks.check(minimumFrequency: minimumFrequency)
    try TrainerChecks.check(alphabetLimit: alphabetLimit)
    try TrainerChecks.check(specialTokens: specialTokens, required: ["[UNK]", "[CLS]", "[SEP]"])
  }

  func tokenizer(
    of words: WordCounter, _ progress: (TokenizerProgress) throws -> Void
  ) throws -> Tokenizer {
    let vocabulary = try vocabulary(of: words, progress)
    let bert = SpecialTokens.bert
    let others = specialTokens.filter { name in
      !SpecialTokens.parts.contains { bert[keyPath: $0.path] == name }
    }
    return try Tokenizer(
      wordPiece: vocabulary, normalizer: normalizer, specialTokens: bert, maximumLength: nil,
      addedTokens: others.compactMap { name in
        vocabulary.id(of: name).map { AddedToken(id: $0, content: name) }
      }, file: "trained vocabulary")
  }

  private func vocabulary(
    of words: WordCounter, _ progress: (TokenizerProgress) throws -> Void
  ) throws -> Vocabulary {
    var pieces = Vocabulary(specialTokens)
    let prefix = Self.continuingPrefix
    let alphabet = words.alphabet(limit: alphabetLimit)
    pieces.insert(alphabet.map(\.bytes))
    pieces.insert(alphabet.lazy.filter(\.continues).map { prefix + $0.bytes })
    guard pieces.count <= vocabularySize else {
      throw TokenizerError.vocabularyTooSmall(
        size: vocabularySize, special: specialTokens.count,
        characters: pieces.count - specialTokens.count)
    }
    var merger = PairMerger(words, pieces: pieces, prefix: prefix) { word, symbols in
      var position = 0
      while position < word.count {
        let end = position + UTF8Scalars.length(ofLead: word[position])
        let character = UnsafeBufferPointer(rebasing: word[position..<end])
        // Characters outside the alphabet are left out.
        let id = prefix.withUnsafeBufferPointer { prefix in
          let before = position == 0 ? Vocabulary.noBytes : prefix
          let hash = PrefixHash().extended(by: before).extended(by: character)
          return pieces.find(character, hash: hash, after: before)
        }
        if let id { symbols.append(id) }
        position = end
      }
    }
    try merger.merge(to: vocabularySize, minimumFrequency, progress)
    return merger.pieces
  }
}
