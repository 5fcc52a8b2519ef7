// SPDX-License-Identifier: Apache-2.0

/// Learns the pieces of a Unigram model (Kudo 2018, "Subword Regularization", section 3.2), as SentencePiece does: from
/// many candidates those are taken away, round by round, that the words can best do without.
struct UnigramLearner {
  /// Pieces to be kept, single characters included; fewer if the words hold fewer.
  let pieceCount: Int
  /// Share of all characters that become pieces, the most frequent first; the rest is unknown.
  var characterCoverage = 0.9995
  /// The most characters that become pieces.
  var alphabetLimit = Int.max
  /// The longest piece, in characters.
  var longestPiece = 16

  /// Candidates at first, for each piece to be kept.
  private static let candidatesPerPiece = 20
  /// So many candidates are enough for any number of pieces.
  private static let mostCandidates = 4_000_000
  /// Share of the pieces that a round keeps.
  private static let keptShare = 0.75
  private static let iterationsPerRound = 2

  /// Returns the pieces and the logarithms of their probabilities, the most probable first.
  ///
  /// - Parameter reserved: How many tokens beside the pieces the vocabulary holds, for the error.
  func pieces(
    of words: WordCounter, reserved: Int = 0, sharing work: some WorkSharing,
    _ progress: (TokenizerProgress) throws -> Void
  ) throws -> [(text: String, score: Double)] {
    let alphabet = words.alphabet(coverage: characterCoverage, limit: alphabetLimit)
    guard alphabet.count <= pieceCount else {
      throw TokenizerError.vocabularyTooSmall(
        size: pieceCount + reserved, special: reserved, characters: alphabet.count)
    }
    let corpus = UnigramCorpus(words)
    var draft = candidates(in: corpus, alphabet, sharing: work)
    // Somewhat more than asked for, since the last step looks at scores alone.
    let target = max(alphabet.count, pieceCount + pieceCount / 10)
    while true {
      for _ in 0..<Self.iterationsPerRound { draft.maximize(on: corpus, sharing: work) }
      try progress(.pruning(pieces: draft.pieces.count, of: pieceCount))
      guard draft.pieces.count > target else { break }
      let count = max(target, Int(Self.keptShare * Double(draft.pieces.count)))
      draft.prune(on: corpus, to: count, sharing: work)
    }
    return draft.best(pieceCount)
  }

  /// All characters, and the parts of words that stand for most of the texts.
  private func candidates(
    in corpus: UnigramCorpus, _ alphabet: [WordCounter.Character], sharing work: some WorkSharing
  ) -> UnigramDraft {
    let found = SubstringCounter(corpus, longestInScalars: longestPiece).substrings(sharing: work)
    func bytes(_ substring: SubstringCounter.Substring) -> ArraySlice<UInt8> {
      corpus.bytes[substring.start..<substring.start + substring.length]
    }
    let weights = found.map { $0.count * Double($0.length) }
    let order = found.indices.sorted { a, b in
      weights[a] == weights[b]
        ? bytes(found[a]).lexicographicallyPrecedes(bytes(found[b])) : weights[a] > weights[b]
    }
    var draft = UnigramDraft()
    for character in alphabet {
      draft.append(character.bytes[...], weight: Double(character.count))
    }
    for index in order.prefix(min(Self.mostCandidates, Self.candidatesPerPiece * pieceCount)) {
      draft.append(bytes(found[index]), weight: weights[index])
    }
    draft.normalize()
    return draft
  }
}

extension WordCounter {
  /// Returns the most frequent characters, until they cover the share of all.
  func alphabet(coverage: Double, limit: Int = .max) -> [Character] {
    let characters = characters()
    let total = characters.reduce(0) { $0 + $1.count }
    var covered = 0
    let kept = characters.prefix { character in
      defer { covered += character.count }
      return Double(covered) < coverage * Double(total)
    }
    return Array(kept.prefix(limit))
  }
}
