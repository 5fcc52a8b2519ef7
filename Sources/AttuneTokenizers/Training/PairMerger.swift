// SPDX-License-Identifier: Apache-2.0

/// Words as rows of pieces, whose most frequent neighbours become one piece, step by step.
///
/// Counts are kept up to date at each merge, and each pair knows the words it stood in, so that a merge
/// looks only at those.
struct PairMerger {
  private(set) var pieces: Vocabulary

  private struct Pair: Hashable {
    let first: Int32
    let second: Int32
  }

  private struct Statistics {
    var count = 0
    /// Words that held the pair at some time, in the order they came to hold it.
    var words: [Int32] = []

    mutating func note(_ word: Int32, count: Int) {
      self.count += count
      if words.last != word { words.append(word) }
    }
  }

  private var words: [[Int32]]
  private let counts: [Int]
  private var statistics: [Pair: Statistics] = [:]
  private var queue = CandidateQueue()

  init(words counter: WordCounter, pieces: Vocabulary) {
    self.pieces = pieces
    counts = counter.counts
    words = counter.words.indices.map { id in
      counter.words[id].withUnsafeBufferPointer { Self.characters(of: $0, in: pieces) }
    }
    for (index, word) in words.enumerated() {
      for (first, second) in zip(word, word.dropFirst()) {
        add(Pair(first: first, second: second), in: Int32(index))
      }
    }
    for (pair, statistics) in statistics {
      queue.insert(.init(count: statistics.count, first: pair.first, second: pair.second))
    }
  }

  /// Returns a word as single characters; those outside the alphabet are left out.
  private static func characters(
    of word: UnsafeBufferPointer<UInt8>, in pieces: Vocabulary
  ) -> [Int32] {
    let prefix = WordCounter.continuingPrefix
    var ids: [Int32] = []
    var position = 0
    while position < word.count {
      let length = UTF8Scalars.length(ofLead: word[position])
      let character = UnsafeBufferPointer(rebasing: word[position..<position + length])
      let before = position == 0 ? [] : prefix
      let hash = PrefixHash().extended(by: before).extended(by: character)
      if let id = pieces.find(character, hash: hash, after: before) { ids.append(id) }
      position += length
    }
    return ids
  }

  /// Merges the most frequent pair; returns false if none is as frequent as asked for.
  mutating func mergeBest(_ minimumFrequency: Int) -> Bool {
    while let best = queue.popFirst() {
      let pair = Pair(first: best.first, second: best.second)
      let count = statistics[pair]?.count ?? 0
      // An entry is never changed in place: one that is out of date is dropped, or put back lower.
      if count < best.count, count >= minimumFrequency {
        queue.insert(.init(count: count, first: best.first, second: best.second))
      }
      guard count == best.count, count >= minimumFrequency else { continue }
      merge(pair)
      return true
    }
    return false
  }

  private mutating func merge(_ pair: Pair) {
    let merged = insertMerged(pair)
    let holders = statistics.removeValue(forKey: pair)?.words ?? []
    var raised: Set<Pair> = []
    for index in holders { replace(pair, by: merged, in: index, &raised) }
    for pair in raised {
      guard let count = statistics[pair]?.count, count > 0 else { continue }
      queue.insert(.init(count: count, first: pair.first, second: pair.second))
    }
  }

  private mutating func insertMerged(_ pair: Pair) -> Int32 {
    // The second piece of a pair continues a word, so its prefix goes.
    let rest = pieces[pair.second].dropFirst(WordCounter.continuingPrefix.count)
    return (pieces[pair.first] + rest).withUnsafeBufferPointer { pieces.insert($0).id }
  }

  /// Replaces the pair wherever it stands in the word and counts its old and new neighbours.
  private mutating func replace(
    _ pair: Pair, by merged: Int32, in index: Int32, _ raised: inout Set<Pair>
  ) {
    let old = words[Int(index)]
    var new: [Int32] = []
    new.reserveCapacity(old.count)
    var position = 0
    while position < old.count {
      if old[position] == pair.first, position + 1 < old.count, old[position + 1] == pair.second {
        new.append(merged)
        position += 2
      } else {
        new.append(old[position])
        position += 1
      }
    }
    guard new.count < old.count else { return }
    words[Int(index)] = new
    for (first, second) in zip(old, old.dropFirst()) {
      statistics[Pair(first: first, second: second)]?.count -= counts[Int(index)]
    }
    for (first, second) in zip(new, new.dropFirst()) {
      let neighbours = Pair(first: first, second: second)
      if first == merged || second == merged {
        add(neighbours, in: index)
        raised.insert(neighbours)
      } else {
        statistics[neighbours]?.count += counts[Int(index)]
      }
    }
  }

  private mutating func add(_ pair: Pair, in index: Int32) {
    statistics[pair, default: Statistics()].note(index, count: counts[Int(index)])
  }
}
