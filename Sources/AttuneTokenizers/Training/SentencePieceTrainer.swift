// SPDX-License-Identifier: Apache-2.0

/// Learns the pieces of a translator from the texts of both languages, as SentencePiece does: pieces hold letters, digits
/// or other characters, never several kinds.
///
/// The same texts and settings give the same pieces, in whatever order the texts come.
public struct SentencePieceTrainer: Sendable {
  /// How pieces are learned and found.
  public enum Algorithm: String, Sendable, Hashable, Codable, CaseIterable {
    /// The most probable pieces (Kudo 2018).
    case unigram
    /// Merged pairs (Sennrich et al. 2016).
    case bpe
  }

  /// How pieces are learned and found.
  public var algorithm: Algorithm
  /// Pieces to be kept, single characters included; fewer if the texts hold fewer.
  public var pieceCount: Int
  /// Share of all characters that become pieces, the most frequent first; the rest is unknown.
  public var characterCoverage: Double

  /// A trainer; the settings left out are those of SentencePiece.
  public init(
    _ algorithm: Algorithm = .unigram, pieceCount: Int, characterCoverage: Double = 0.9995
  ) {
    self.algorithm = algorithm
    self.pieceCount = pieceCount
    self.characterCoverage = characterCoverage
  }

  /// Returns the bytes of a SentencePiece model with the pieces of the texts.
  ///
  /// `progress` is called every 1,000 texts and now and then while pieces are learned; what it throws ends the training.
  public func train(
    on texts: some Sequence<String>, sharing work: some WorkSharing = SerialWork(),
    progress: (TokenizerProgress) throws -> Void = { _ in }
  ) throws -> [UInt8] {
    let limit = TokenizerLimits.tokens - 8
    guard 1...limit ~= pieceCount else {
      throw TokenizerError.invalidSetting(
        name: "pieceCount", value: pieceCount, expected: "1 to \(limit)")
    }
    var counter = CorpusCounter(Self.cutter, heldOutShare: 0, sharing: work)
    for text in texts {
      counter.add(text)
      if counter.textCount % 1000 == 0 { try progress(.counting(texts: counter.textCount)) }
    }
    try progress(.counting(texts: counter.textCount))
    let words = counter.finish().training
    guard !words.counts.isEmpty else { throw TokenizerError.noWords(texts: words.textCount) }
    let pieces =
      switch algorithm {
      case .unigram:
        try UnigramLearner(pieceCount: pieceCount, characterCoverage: characterCoverage)
          .pieces(of: words, sharing: work, progress)
          .map { SentencePieceModel.Piece(text: $0.text, score: Float($0.score)) }
      case .bpe: try mergedPieces(of: words, progress)
      }
    return SentencePieceModel.bytes(
      of: [
        .init(text: "<unk>", score: 0, kind: .unknown),
        .init(text: "<s>", score: 0, kind: .control),
        .init(text: "</s>", score: 0, kind: .control),
      ] + pieces, algorithm == .bpe ? .bpe : .unigram, Charsmap.plainSpaces)
  }

  private static var cutter: WordCutter {
    let spaces = Charsmap.plainSpaces.map {
      Normalizer.precompiled(PrecompiledNormalizer($0, prefersLongest: true))
    }
    return WordCutter(
      normalizer: .sequence(
        (spaces.map { [$0] } ?? []) + [
          .strip(left: true, right: true), .replace(ReplaceNormalizer(.known(.spaces), with: " ")),
        ]),
      preTokenizer: .metaspace(Metaspace()), separatesKinds: true)
  }

  /// The merged pieces in the order of their merges, then the characters: whatever comes first is merged first.
  private func mergedPieces(
    of words: WordCounter, _ progress: (TokenizerProgress) throws -> Void
  ) throws -> [SentencePieceModel.Piece] {
    let alphabet = words.alphabet(coverage: characterCoverage)
    guard alphabet.count <= pieceCount else {
      throw TokenizerError.vocabularyTooSmall(
        size: pieceCount, special: 0, characters: alphabet.count)
    }
    var characters = Vocabulary()
    characters.insert(
      alphabet.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) })
    var merger = PairMerger(charactersOf: words, pieces: characters)
    try merger.merge(to: pieceCount, 2, progress)
    let merged = merger.pieces.indices.dropFirst(characters.count)
      .map { String(decoding: merger.pieces[$0], as: UTF8.self) }
    let texts = merged + alphabet.map { String(decoding: $0.bytes, as: UTF8.self) }
    return texts.enumerated().map { .init(text: $1, score: -Float($0)) }
  }
}
