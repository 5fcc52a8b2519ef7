// SPDX-License-Identifier: Apache-2.0

/// Learns the pieces of a Unigram model from texts (Kudo 2018, "Subword Regularization", section 3.2), as SentencePiece
/// does: from many candidates those are taken away, round by round, that the texts can best do without.
///
/// The same texts and settings give the same pieces, in whatever order the texts come.
public struct UnigramTrainer: Sendable {
  /// Where a training run stands.
  public enum Progress: Sendable, Equatable {
    /// Words are being counted.
    case counting(texts: Int)
    /// Pieces are being taken away, down to `of`.
    case pruning(pieces: Int, of: Int)
  }

  /// Pieces to be kept, single characters included; fewer if the texts hold fewer.
  public var pieceCount: Int
  /// Share of all characters that become pieces, the most frequent first; the rest is unknown.
  public var characterCoverage: Double
  /// The longest piece, in characters.
  public var longestPiece: Int

  /// Candidates at first, for each piece to be kept.
  private static let candidatesPerPiece = 20
  /// Share of the pieces that a round keeps.
  private static let keptShare = 0.75
  private static let iterationsPerRound = 2

  /// A trainer; the settings left out are those of SentencePiece.
  public init(pieceCount: Int, characterCoverage: Double = 0.9995, longestPiece: Int = 16) {
    self.pieceCount = pieceCount
    self.characterCoverage = characterCoverage
    self.longestPiece = longestPiece
  }

  /// Returns the bytes of a SentencePiece model with the pieces of the texts.
  ///
  /// `progress` is called every 1,000 texts and after every round; what it throws ends the training.
  public func train(
    on texts: some Sequence<String>, progress: (Progress) throws -> Void = { _ in }
  ) throws -> [UInt8] {
    let limit = TokenizerLimits.tokens - 8
    guard 1...limit ~= pieceCount else {
      throw TokenizerError.invalidSetting(
        name: "pieceCount", value: pieceCount, expected: "1 to \(limit)")
    }
    var counter = StretchCounter()
    for text in texts {
      counter.count(text)
      if counter.textCount % 1000 == 0 { try progress(.counting(texts: counter.textCount)) }
    }
    try progress(.counting(texts: counter.textCount))
    guard !counter.counts.isEmpty else { throw TokenizerError.noWords(texts: counter.textCount) }
    let corpus = counter.sorted
    let alphabet = corpus.alphabet(coverage: characterCoverage)
    guard alphabet.count <= pieceCount else {
      throw TokenizerError.vocabularyTooSmall(
        size: pieceCount, special: 0, characters: alphabet.count)
    }
    var model = candidates(in: corpus, alphabet)
    // Somewhat more than asked for, since the last step looks at scores alone.
    let target = max(alphabet.count, pieceCount + pieceCount / 10)
    while true {
      for _ in 0..<Self.iterationsPerRound { model.maximize(on: corpus) }
      try progress(.pruning(pieces: model.pieces.count, of: pieceCount))
      guard model.pieces.count > target else { break }
      model.prune(
        on: corpus, to: max(target, Int(Self.keptShare * Double(model.pieces.count))))
    }
    return SentencePieceModel.bytes(
      of: [
        .init(text: "<unk>", score: 0, kind: .unknown),
        .init(text: "<s>", score: 0, kind: .control),
        .init(text: "</s>", score: 0, kind: .control),
      ] + model.best(pieceCount, alphabet).map { .init(text: $0.text, score: Float($0.score)) },
      Charsmap.plainSpaces)
  }

  /// All characters, and the substrings that stand for most of the texts.
  private func candidates(in corpus: StretchCorpus, _ alphabet: [[UInt8]]) -> UnigramDraft {
    var found = Vocabulary()
    var counts: [Int] = []
    corpus.forEachStretch { stretch, count in
      let starts = stretch.indices.filter { stretch[$0] & 0xC0 != 0x80 } + [stretch.count]
      for first in starts.indices.dropLast() {
        // One character is no candidate: it is kept anyway.
        for last in starts.indices where last > first + 1 && last - first <= longestPiece {
          let part = UnsafeBufferPointer(rebasing: stretch[starts[first]..<starts[last]])
          let (id, isNew) = found.insert(part)
          if isNew { counts.append(0) }
          counts[Int(id)] += count
        }
      }
    }
    let frequent = found.indices.filter { counts[Int($0)] > 1 }
    let order = frequent.sorted { a, b in
      let (weightA, weightB) = (counts[Int(a)] * found[a].count, counts[Int(b)] * found[b].count)
      return weightA == weightB
        ? found[a].lexicographicallyPrecedes(found[b]) : weightA > weightB
    }
    var draft = UnigramDraft()
    for character in alphabet {
      draft.append(character, weight: Double(corpus.count(of: character)))
    }
    for id in order.prefix(Self.candidatesPerPiece * pieceCount) {
      draft.append(Array(found[id]), weight: Double(counts[Int(id)] * found[id].count))
    }
    draft.normalize()
    return draft
  }
}
