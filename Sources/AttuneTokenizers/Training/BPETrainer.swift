// SPDX-License-Identifier: Apache-2.0

/// Learns byte-pair encoding from texts, by merging the most frequent pair of pieces again and again (Sennrich et al.
/// 2016; over bytes Radford et al. 2019).
///
/// Of pairs that are equally frequent, the one whose first piece has the lower id is merged first, then the one whose
/// second piece has; the ids of single characters follow their code points, so nothing depends on the order of the texts.
public struct BPETrainer: Sendable {
  /// What is merged.
  public enum Alphabet: String, Sendable, Hashable, Codable, CaseIterable {
    /// Bytes, in the words of GPT-2: nothing is ever unknown.
    case bytes = "byte-level"
    /// Characters, in words that begin with the mark of the space before them, after normalisation to NFKC.
    case characters = "metaspace"
  }

  /// The size to reach, special tokens and the alphabet included; fewer if nothing is left to merge.
  public var vocabularySize: Int
  /// How often a pair must stand in the texts to be merged.
  public var minimumFrequency: Int
  /// What is merged.
  public var alphabet: Alphabet
  /// Whether text becomes lowercase.
  public var lowercases: Bool
  /// Whether letters lose their accents.
  public var stripsAccents: Bool
  /// The first tokens of the vocabulary, in order; over characters `<unk>` must be among them.
  public var specialTokens: [String]
  /// How many different characters are kept, the most frequent ones; bytes all are.
  public var alphabetLimit: Int

  /// Makes a trainer; the settings left out are those of RoBERTa.
  public init(
    vocabularySize: Int = 30_000, minimumFrequency: Int = 2, alphabet: Alphabet = .bytes,
    lowercases: Bool = false, stripsAccents: Bool = false,
    specialTokens: [String] = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
    alphabetLimit: Int = 1000
  ) {
    self.vocabularySize = vocabularySize
    self.minimumFrequency = minimumFrequency
    self.alphabet = alphabet
    self.lowercases = lowercases
    self.stripsAccents = stripsAccents
    self.specialTokens = specialTokens
    self.alphabetLimit = alphabetLimit
  }

  /// Returns a tokenizer with the merges of the texts.
  ///
  /// `progress` is called every 1,000 texts and every 100 merges; what it throws ends the training.
  public func train(
    on texts: some Sequence<String>, progress: (TokenizerProgress) throws -> Void = { _ in }
  ) throws -> Tokenizer {
    var texts = texts.makeIterator()
    return try TokenizerTrainer.bpe(self).train(progress: progress) { texts.next() }.tokenizer
  }

  private var parts: (normalizer: Normalizer?, preTokenizer: PreTokenizer) {
    switch alphabet {
    case .bytes:
      let stages = SubwordNormalization.letters(
        lowercases: lowercases, stripsAccents: stripsAccents)
      return (stages.isEmpty ? nil : .sequence(stages), .byteLevel(ByteLevelPreTokenizer()))
    case .characters:
      return (
        SubwordNormalization.sentences(lowercases: lowercases, stripsAccents: stripsAccents),
        .metaspace(Metaspace())
      )
    }
  }

  var cutter: WordCutter {
    WordCutter(normalizer: parts.normalizer, preTokenizer: parts.preTokenizer)
  }

  func check() throws(TokenizerError) {
    try TrainerChecks.check(vocabularySize: vocabularySize)
    try TrainerChecks.check(minimumFrequency: minimumFrequency)
    try TrainerChecks.check(alphabetLimit: alphabetLimit)
    try TrainerChecks.check(
      specialTokens: specialTokens, required: alphabet == .characters ? ["<unk>"] : [])
  }

  func tokenizer(
    of words: WordCounter, _ progress: (TokenizerProgress) throws -> Void
  ) throws -> Tokenizer {
    var merger = try merger(of: words)
    try merger.merge(to: vocabularySize, minimumFrequency, progress)
    var settings = BPE.Settings()
    settings.isByteLevel = alphabet == .bytes
    if alphabet == .characters { (settings.unknownToken, settings.fusesUnknown) = ("<unk>", true) }
    let model = BPE(vocabulary: merger.pieces, merges: merger.merges, settings: settings)
    return Tokenizer(
      trained: .bpe(model), normalizer: parts.normalizer, parts.preTokenizer, specialTokens)
  }

  private func merger(of words: WordCounter) throws -> PairMerger {
    var pieces = Vocabulary(specialTokens)
    switch alphabet {
    case .bytes:
      pieces.insert(
        ByteAlphabet.scalars.indices.sorted { ByteAlphabet.scalars[$0] < ByteAlphabet.scalars[$1] }
          .map { ByteAlphabet.utf8(of: UInt8($0)) })
    case .characters: pieces.insert(words.alphabet(limit: alphabetLimit).map(\.bytes))
    }
    guard pieces.count <= vocabularySize else {
      throw TokenizerError.vocabularyTooSmall(
        size: vocabularySize, special: specialTokens.count,
        characters: pieces.count - specialTokens.count)
    }
    guard alphabet == .bytes else { return PairMerger(charactersOf: words, pieces: pieces) }
    let ids = (UInt8.min...UInt8.max).map { byte in
      ByteAlphabet.utf8(of: byte).withUnsafeBufferPointer { pieces.id(of: $0) ?? 0 }
    }
    return PairMerger(words, pieces: pieces) { word, symbols in
      for byte in word { symbols.append(ids[Int(byte)]) }
    }
  }
}

extension PairMerger {
  /// Starts with the characters of the words; those that are no pieces are left out.
  init(charactersOf words: WordCounter, pieces: Vocabulary) {
    self.init(words, pieces: pieces) { word, symbols in
      var position = 0
      while position < word.count {
        let end = position + UTF8Scalars.length(ofLead: word[position])
        let character = UnsafeBufferPointer(rebasing: word[position..<end])
        if let id = pieces.id(of: character) { symbols.append(id) }
        position = end
      }
    }
  }
}
