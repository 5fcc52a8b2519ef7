// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// Pieces with the logarithms of their probabilities, while they are being learned.
struct UnigramDraft {
  private(set) var pieces = Vocabulary()
  private var scores: [Double] = []

  /// How much worse than the worst piece a character is that is none.
  private static let unknownPenalty = 10.0
  /// Pieces that the texts need less often are dropped.
  private static let leastExpectedCount = 0.5

  /// Appends a piece with a weight that `normalize` turns into a probability.
  mutating func append(_ piece: ArraySlice<UInt8>, weight: Double) {
    piece.withUnsafeBufferPointer { pieces.append($0) }
    scores.append(weight)
  }

  mutating func normalize() {
    let total = log(scores.reduce(0, +))
    scores = scores.map { log($0) - total }
  }

  /// One step of expectation and maximization; pieces that are hardly ever needed go, characters stay.
  mutating func maximize(on corpus: UnigramCorpus, sharing work: some WorkSharing) {
    let lattice = UnigramLattice(pieces, scores, unknownScore: unknownScore)
    let expected = lattice.expectedCounts(on: corpus, sharing: work)
    let kept = pieces.indices.filter {
      expected[Int($0)] >= Self.leastExpectedCount || isCharacter($0)
    }
    let counts = kept.map { max(expected[Int($0)], Self.leastExpectedCount) }
    // The expectation of the logarithm under a Dirichlet prior, which favours few pieces.
    let total = digamma(counts.reduce(0, +))
    keep(kept, scores: counts.map { digamma($0) - total })
  }

  /// Keeps the `count` pieces without which the texts would become least probable, and all characters.
  mutating func prune(
    on corpus: UnigramCorpus, to count: Int, sharing work: some WorkSharing
  ) {
    let lattice = UnigramLattice(pieces, scores, unknownScore: unknownScore)
    let frequencies = lattice.bestCounts(on: corpus, sharing: work)
    let total = frequencies.reduce(0, +)
    var kept = pieces.indices.filter { isCharacter($0) }
    // Pieces that stand in no best way go at once.
    let used = pieces.indices.filter { !isCharacter($0) && frequencies[Int($0)] > 0 }
    var losses: [(id: Int32, loss: Double)] = []
    for (id, others) in zip(used, lattice.bestPaths(ofPieces: used, sharing: work)) {
      let frequency = frequencies[Int(id)]
      // What stands in for the piece becomes more frequent by as much.
      let newTotal = log(total + frequency * Double(others.count - 1))
      let before = log(frequency) - log(total)
      let after = others.reduce(0.0) {
        $0 + log(($1 < 0 ? 0 : frequencies[Int($1)]) + frequency) - newTotal
      }
      losses.append((id, frequency / total * (before - after)))
    }
    losses.sort { $0.loss == $1.loss ? $0.id < $1.id : $0.loss > $1.loss }
    kept += losses.prefix(max(0, count - kept.count)).map(\.id)
    kept.sort()
    keep(kept, scores: kept.map { scores[Int($0)] })
  }

  /// The characters and the most probable other pieces, most probable first.
  func best(_ count: Int) -> [(text: String, score: Double)] {
    let characters = pieces.indices.filter { isCharacter($0) }
    let others = pieces.indices.filter { !isCharacter($0) }.sorted { before($0, $1) }
    let kept = characters + others.prefix(max(0, count - characters.count))
    return kept.sorted { before($0, $1) }.map {
      (String(decoding: pieces[$0], as: UTF8.self), scores[Int($0)])
    }
  }

  private func before(_ a: Int32, _ b: Int32) -> Bool {
    scores[Int(a)] == scores[Int(b)] ? a < b : scores[Int(a)] > scores[Int(b)]
  }

  private var unknownScore: Double { (scores.min() ?? 0) - Self.unknownPenalty }

  private func isCharacter(_ id: Int32) -> Bool {
    let piece = pieces[id]
    return piece.first.map { UTF8Scalars.length(ofLead: $0) == piece.count } ?? false
  }

  private mutating func keep(_ kept: [Int32], scores: [Double]) {
    var pieces = Vocabulary()
    for id in kept { self.pieces[id].withUnsafeBufferPointer { pieces.append($0) } }
    (self.pieces, self.scores) = (pieces, scores)
  }

  /// The derivative of the logarithm of the gamma function (Abramowitz and Stegun, 6.3.5 and 6.3.18).
  private func digamma(_ value: Double) -> Double {
    var (x, result) = (value, 0.0)
    while x < 7 {
      result -= 1 / x
      x += 1
    }
    let square = 1 / (x * x)
    let series =
      square * (1.0 / 12 - square * (1.0 / 120 - square * (1.0 / 252 - square * (1.0 / 240))))
    return result + log(x) - 0.5 / x - series
  }
}
