// SPDX-License-Identifier: Apache-2.0

/// Words as rows of pieces, whose most frequent neighbours become one piece, step by step (Sennrich et al. 2016,
/// algorithm 1).
///
/// Counts are kept up to date at each merge, and each pair knows the words it stood in, so that a merge
/// looks only at those.
struct PairMerger {
  private(set) var pieces: Vocabulary
  /// The merges made, in order.
  private(set) var merges: [BPE.Merge] = []
  /// What pieces begin with that continue a word; it goes where they are merged.
  private let prefix: [UInt8]

  /// The words end to end; each lies where it began, and gets shorter.
  private var symbols: [Int32] = []
  private var starts: [Int] = []
  private var lengths: [Int32] = []
  private var counts: [Int] = []

  /// Where the statistics of each pair are.
  private var places = PairTable()
  private var pairs: [(first: Int32, second: Int32)] = []
  private var pairCounts: [Int] = []
  /// Words that held each pair at some time, in the order they came to hold it.
  private var holders: [[Int32]] = []
  private var queue = CandidateQueue()

  /// Starts with the words in the pieces that `appendPieces` appends for each.
  init(
    _ words: WordCounter, pieces: Vocabulary, prefix: [UInt8] = [],
    appendPieces: (UnsafeBufferPointer<UInt8>, inout [Int32]) -> Void
  ) {
    (self.pieces, self.prefix) = (pieces, prefix)
    words.forEachWord { word, count in
      let start = symbols.count
      appendPieces(word, &symbols)
      // What is one piece already has nothing to merge.
      guard symbols.count > start + 1 else { return symbols.removeLast(symbols.count - start) }
      starts.append(start)
      lengths.append(Int32(symbols.count - start))
      counts.append(count)
    }
    for index in starts.indices {
      let end = starts[index] + Int(lengths[index])
      for place in starts[index]..<end - 1 {
        add(symbols[place], symbols[place + 1], in: index)
      }
    }
    for place in pairs.indices { enqueue(place) }
  }

  /// Merges until there are so many pieces, or no pair is as frequent as asked for.
  mutating func merge(
    to count: Int, _ minimumFrequency: Int, _ progress: (TokenizerProgress) throws -> Void
  ) rethrows {
    while pieces.count < count, mergeBest(minimumFrequency) {
      if pieces.count % 100 == 0 {
        try progress(.merging(vocabularySize: pieces.count, of: count))
      }
    }
    try progress(.merging(vocabularySize: pieces.count, of: count))
  }

  /// Merges the most frequent pair; returns false if none is as frequent as asked for.
  private mutating func mergeBest(_ minimumFrequency: Int) -> Bool {
    while let best = queue.popFirst() {
      let count = pairCounts[best.place]
      guard count >= max(1, minimumFrequency) else { continue }
      // An entry is never changed in place: one that is out of date is put back lower.
      guard count == best.count else {
        enqueue(best.place)
        continue
      }
      merge(best.place)
      return true
    }
    return false
  }

  private mutating func enqueue(_ place: Int) {
    queue.insert(
      .init(
        count: pairCounts[place], first: pairs[place].first, second: pairs[place].second,
        place: place))
  }

  private mutating func merge(_ place: Int) {
    let (first, second) = pairs[place]
    let merged = (pieces[first] + pieces[second].dropFirst(prefix.count))
      .withUnsafeBufferPointer { pieces.insert($0).id }
    merges.append(BPE.Merge(left: first, right: second, result: merged))
    let words = holders[place]
    holders[place] = []
    let known = pairs.count
    for index in words { replace(first, second, by: merged, in: Int(index)) }
    // Neighbours like the pair itself were counted down while it went.
    pairCounts[place] = 0
    for place in known..<pairs.count where pairCounts[place] > 0 { enqueue(place) }
  }

  /// Replaces the pair wherever it stands in the word and counts its old and new neighbours.
  private mutating func replace(
    _ first: Int32, _ second: Int32, by merged: Int32, in index: Int
  ) {
    let (start, length) = (starts[index], Int(lengths[index]))
    var (read, write) = (start, start)
    let end = start + length
    while read < end {
      guard symbols[read] == first, read + 1 < end, symbols[read + 1] == second else {
        symbols[write] = symbols[read]
        read += 1
        write += 1
        continue
      }
      if write > start {
        remove(symbols[write - 1], first, in: index)
        add(symbols[write - 1], merged, in: index)
      }
      if read + 2 < end {
        remove(second, symbols[read + 2], in: index)
        add(merged, symbols[read + 2], in: index)
      }
      symbols[write] = merged
      read += 2
      write += 1
    }
    lengths[index] = Int32(write - start)
  }

  private mutating func add(_ first: Int32, _ second: Int32, in index: Int) {
    let place: Int
    if let known = places[first, second] {
      place = Int(known.id)
    } else {
      place = pairs.count
      places.set(first, second, to: PairTable.Value(rank: 0, id: Int32(place)))
      pairs.append((first, second))
      pairCounts.append(0)
      holders.append([])
    }
    pairCounts[place] += counts[index]
    if holders[place].last != Int32(index) { holders[place].append(Int32(index)) }
  }

  private mutating func remove(_ first: Int32, _ second: Int32, in index: Int) {
    guard let place = places[first, second] else { return }
    pairCounts[Int(place.id)] -= counts[index]
  }
}
