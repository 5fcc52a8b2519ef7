// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Pieces with the logarithms of their probabilities, while they are being learned.
struct UnigramDraft {
  private(set) var pieces = Vocabulary()
  private var scores: [Double] = []

  /// How much worse than the worst piece a character is that is none.
  private static let unknownPenalty = 10.0
  /// Pieces that the texts need less often are dropped.
  private static let leastExpectedCount = 0.5

  /// Appends a piece with a weight that `normalize` turns into a probability.
  mutating func append(_ piece: [UInt8], weight: Double) {
    piece.withUnsafeBufferPointer { pieces.append($0) }
    scores.append(weight)
  }

  mutating func normalize() {
    let total = log(scores.reduce(0, +))
    scores = scores.map { log($0) - total }
  }

  /// One step of expectation and maximization; pieces that are hardly ever needed go, characters stay.
  mutating func maximize(on corpus: StretchCorpus) {
    let lattice = UnigramLattice(pieces, scores, unknownScore: unknownScore)
    let expected = lattice.expectedCounts(on: corpus)
    let kept = pieces.indices.filter {
      expected[Int($0)] >= Self.leastExpectedCount || isCharacter($0)
    }
    let counts = kept.map { max(expected[Int($0)], Self.leastExpectedCount) }
    // The expectation of the logarithm under a Dirichlet prior, which favours few pieces.
    let total = digamma(counts.reduce(0, +))
    keep(kept, scores: counts.map { digamma($0) - total })
  }

  /// Keeps the `count` pieces without which the texts would become least probable, and all characters.
  mutating func prune(on corpus: StretchCorpus, to count: Int) {
    let lattice = UnigramLattice(pieces, scores, unknownScore: unknownScore)
    let frequencies = lattice.bestCounts(on: corpus)
    let total = frequencies.reduce(0, +)
    var losses: [(id: Int32, loss: Double)] = []
    var kept: [Int32] = []
    for id in pieces.indices {
      if isCharacter(id) {
        kept.append(id)
        continue
      }
      let frequency = frequencies[Int(id)]
      guard frequency > 0 else { continue }
      let others = lattice.bestPath(ofPiece: id)
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
  func best(_ count: Int, _ alphabet: [[UInt8]]) -> [(text: String, score: Double)] {
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

/// All ways to cut stretches into pieces.
struct UnigramLattice {
  private let trie: PieceTrie
  private let pieces: Vocabulary
  private let scores: [Double]
  private let unknownScore: Double

  init(_ pieces: Vocabulary, _ scores: [Double], unknownScore: Double) {
    trie = PieceTrie(pieces)
    (self.pieces, self.scores, self.unknownScore) = (pieces, scores, unknownScore)
  }

  /// A piece in a stretch; the id is -1 for a character that is no piece.
  private struct Edge {
    let start: Int
    let end: Int
    let id: Int32
    let score: Double
  }

  /// How often each piece is expected in the stretches, over all ways to cut them.
  func expectedCounts(on corpus: StretchCorpus) -> [Double] {
    var counts = [Double](repeating: 0, count: scores.count)
    var edges: [Edge] = []
    var forward: [Double] = []
    var backward: [Double] = []
    corpus.forEachStretch { stretch, count in
      collect(&edges, of: stretch)
      forward = [Double](repeating: -.infinity, count: stretch.count + 1)
      backward = forward
      (forward[0], backward[stretch.count]) = (0, 0)
      for edge in edges {
        forward[edge.end] = logSum(forward[edge.end], forward[edge.start] + edge.score)
      }
      for edge in edges.reversed() {
        backward[edge.start] = logSum(backward[edge.start], backward[edge.end] + edge.score)
      }
      let total = forward[stretch.count]
      for edge in edges where edge.id >= 0 {
        let probability = exp(forward[edge.start] + edge.score + backward[edge.end] - total)
        counts[Int(edge.id)] += Double(count) * probability
      }
    }
    return counts
  }

  /// How often each piece stands in the best way to cut each stretch.
  func bestCounts(on corpus: StretchCorpus) -> [Double] {
    var counts = [Double](repeating: 0, count: scores.count)
    corpus.forEachStretch { stretch, count in
      for id in bestPath(of: stretch, without: -1) where id >= 0 {
        counts[Int(id)] += Double(count)
      }
    }
    return counts
  }

  /// The best way to cut a piece into others.
  func bestPath(ofPiece id: Int32) -> [Int32] {
    pieces[id].withUnsafeBufferPointer { bestPath(of: $0, without: id) }
  }

  private func bestPath(of stretch: UnsafeBufferPointer<UInt8>, without id: Int32) -> [Int32] {
    var edges: [Edge] = []
    collect(&edges, of: stretch)
    var best = [Double](repeating: -.infinity, count: stretch.count + 1)
    var last = [Int](repeating: -1, count: stretch.count + 1)
    best[0] = 0
    for (index, edge) in edges.enumerated() where edge.id < 0 || edge.id != id {
      let score = best[edge.start] + edge.score
      if score > best[edge.end] { (best[edge.end], last[edge.end]) = (score, index) }
    }
    var path: [Int32] = []
    var position = stretch.count
    while position > 0, last[position] >= 0 {
      path.append(edges[last[position]].id)
      position = edges[last[position]].start
    }
    return path.reversed()
  }

  /// All pieces in a stretch, by where they begin.
  private func collect(_ edges: inout [Edge], of stretch: UnsafeBufferPointer<UInt8>) {
    edges.removeAll(keepingCapacity: true)
    trie.units.withUnsafeBufferPointer { units in
      var start = 0
      while start < stretch.count {
        let next = start + UTF8Scalars.length(ofLead: stretch[start])
        var (node, end, coversCharacter) = (0, start, false)
        while end < stretch.count {
          node = units[node].base ^ Int(stretch[end])
          let unit = units[node]
          guard unit.isReached(by: stretch[end]) else { break }
          end += 1
          guard unit.id >= 0 else { continue }
          edges.append(Edge(start: start, end: end, id: unit.id, score: scores[Int(unit.id)]))
          if end == next { coversCharacter = true }
        }
        if !coversCharacter {
          edges.append(Edge(start: start, end: next, id: -1, score: unknownScore))
        }
        start = next
      }
    }
  }

  private func logSum(_ a: Double, _ b: Double) -> Double {
    let (low, high) = a < b ? (a, b) : (b, a)
    return low == -.infinity ? high : high + log1p(exp(low - high))
  }
}
