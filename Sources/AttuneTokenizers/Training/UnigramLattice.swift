// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// All ways to cut words into pieces.
struct UnigramLattice: Sendable {
  private let trie: PieceTrie
  private let pieces: Vocabulary
  private let scores: [Double]
  private let probabilities: [Double]
  private let unknownScore: Double

  /// Below this the sum over all ways has lost bits, and is taken again in logarithms.
  private static let leastProbability = 1e-250

  init(_ pieces: Vocabulary, _ scores: [Double], unknownScore: Double) {
    trie = PieceTrie(pieces)
    probabilities = scores.map { exp($0) }
    (self.pieces, self.scores, self.unknownScore) = (pieces, scores, unknownScore)
  }

  /// A piece in a word; the id is -1 for a character that is no piece.
  private struct Edge {
    let start: Int32
    let end: Int32
    let id: Int32
  }

  /// Room for the work on one word after the other.
  private struct Room {
    var edges: [Edge] = []
    var forward: [Double] = []
    var backward: [Double] = []
    var last: [Int32] = []
  }

  /// How often each piece is expected in the words, over all ways to cut them.
  func expectedCounts(on corpus: UnigramCorpus, sharing work: some WorkSharing) -> [Double] {
    sum(corpus, work) { word, count, room, counts in
      collect(&room.edges, of: word)
      let isAdded = addExpected(count, length: word.count, &room, to: &counts)
      if !isAdded { addExpectedInLogarithms(count, length: word.count, &room, to: &counts) }
    }
  }

  /// How often each piece stands in the best way to cut each word.
  func bestCounts(on corpus: UnigramCorpus, sharing work: some WorkSharing) -> [Double] {
    sum(corpus, work) { word, count, room, counts in
      for id in bestPath(of: word, without: -1, &room) where id >= 0 { counts[Int(id)] += count }
    }
  }

  /// The best ways to cut the pieces into others.
  func bestPaths(ofPieces ids: [Int32], sharing work: some WorkSharing) -> [[Int32]] {
    let size = (ids.count + UnigramCorpus.partCount - 1) / UnigramCorpus.partCount
    return work.map(UnigramCorpus.partCount) { part in
      var room = Room()
      return ids.dropFirst(part * size).prefix(size).map { id in
        pieces[id].withUnsafeBufferPointer { bestPath(of: $0, without: id, &room) }
      }
    }.flatMap { $0 }
  }

  /// Adds up what `body` adds for each word; the parts are added in their order.
  private func sum(
    _ corpus: UnigramCorpus, _ work: some WorkSharing,
    _ body: @Sendable (UnsafeBufferPointer<UInt8>, Double, inout Room, inout [Double]) -> Void
  ) -> [Double] {
    let parts = work.map(UnigramCorpus.partCount) { part in
      var counts = [Double](repeating: 0, count: scores.count)
      var room = Room()
      corpus.forEachWord(ofPart: part) { body($0, $1, &room, &counts) }
      return counts
    }
    var total = parts[0]
    for part in parts.dropFirst() {
      for index in total.indices { total[index] += part[index] }
    }
    return total
  }

  /// Adds the expected counts in one word; returns false if the probabilities are too small for that.
  private func addExpected(
    _ count: Double, length: Int, _ room: inout Room, to counts: inout [Double]
  ) -> Bool {
    let unknown = exp(unknownScore)
    room.forward.refill(length + 1, with: 0)
    room.backward.refill(length + 1, with: 0)
    (room.forward[0], room.backward[length]) = (1, 1)
    func probability(_ edge: Edge) -> Double { edge.id < 0 ? unknown : probabilities[Int(edge.id)] }
    for edge in room.edges {
      room.forward[Int(edge.end)] += room.forward[Int(edge.start)] * probability(edge)
    }
    let total = room.forward[length]
    guard total > Self.leastProbability else { return false }
    for edge in room.edges.reversed() {
      room.backward[Int(edge.start)] += room.backward[Int(edge.end)] * probability(edge)
    }
    let weight = count / total
    for edge in room.edges where edge.id >= 0 {
      counts[Int(edge.id)] +=
        weight * room.forward[Int(edge.start)] * probabilities[Int(edge.id)]
        * room.backward[Int(edge.end)]
    }
    return true
  }

  /// The same for a word that is too long for probabilities.
  private func addExpectedInLogarithms(
    _ count: Double, length: Int, _ room: inout Room, to counts: inout [Double]
  ) {
    room.forward.refill(length + 1, with: -.infinity)
    room.backward.refill(length + 1, with: -.infinity)
    (room.forward[0], room.backward[length]) = (0, 0)
    for edge in room.edges {
      room.forward[Int(edge.end)] = logSum(
        room.forward[Int(edge.end)], room.forward[Int(edge.start)] + score(edge))
    }
    for edge in room.edges.reversed() {
      room.backward[Int(edge.start)] = logSum(
        room.backward[Int(edge.start)], room.backward[Int(edge.end)] + score(edge))
    }
    let total = room.forward[length]
    for edge in room.edges where edge.id >= 0 {
      counts[Int(edge.id)] +=
        count
        * exp(
          room.forward[Int(edge.start)] + score(edge) + room.backward[Int(edge.end)] - total)
    }
  }

  private func bestPath(
    of word: UnsafeBufferPointer<UInt8>, without id: Int32, _ room: inout Room
  ) -> [Int32] {
    collect(&room.edges, of: word)
    room.forward.refill(word.count + 1, with: -.infinity)
    room.last.refill(word.count + 1, with: -1)
    room.forward[0] = 0
    for (index, edge) in room.edges.enumerated() where edge.id < 0 || edge.id != id {
      let score = room.forward[Int(edge.start)] + score(edge)
      guard score > room.forward[Int(edge.end)] else { continue }
      room.forward[Int(edge.end)] = score
      room.last[Int(edge.end)] = Int32(index)
    }
    var path: [Int32] = []
    var position = word.count
    while position > 0, room.last[position] >= 0 {
      let edge = room.edges[Int(room.last[position])]
      path.append(edge.id)
      position = Int(edge.start)
    }
    return path.reversed()
  }

  private func score(_ edge: Edge) -> Double {
    edge.id < 0 ? unknownScore : scores[Int(edge.id)]
  }

  /// All pieces in a word, by where they begin.
  private func collect(_ edges: inout [Edge], of word: UnsafeBufferPointer<UInt8>) {
    edges.removeAll(keepingCapacity: true)
    trie.units.withUnsafeBufferPointer { units in
      var start = 0
      while start < word.count {
        let next = start + UTF8Scalars.length(ofLead: word[start])
        var (node, end, coversCharacter) = (0, start, false)
        while end < word.count {
          node = units[node].base ^ Int(word[end])
          let unit = units[node]
          guard unit.isReached(by: word[end]) else { break }
          end += 1
          guard unit.id >= 0 else { continue }
          edges.append(Edge(start: Int32(start), end: Int32(end), id: unit.id))
          if end == next { coversCharacter = true }
        }
        if !coversCharacter {
          edges.append(Edge(start: Int32(start), end: Int32(next), id: -1))
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

extension Array {
  /// Makes all elements equal, in the memory that is there.
  fileprivate mutating func refill(_ count: Int, with element: Element) {
    removeAll(keepingCapacity: true)
    append(contentsOf: repeatElement(element, count: count))
  }
}
