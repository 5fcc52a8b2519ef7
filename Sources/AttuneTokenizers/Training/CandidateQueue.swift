// SPDX-License-Identifier: Apache-2.0

/// Pairs by count, the most frequent first; of equals the one with the lower ids (a binary heap).
struct CandidateQueue {
  struct Candidate {
    let count: Int
    let first: Int32
    let second: Int32
    /// Where the pair's statistics are.
    let place: Int

    /// Whether this one is to be merged before the other.
    @inline(__always)
    func precedes(_ other: Candidate) -> Bool {
      if count != other.count { return count > other.count }
      return first != other.first ? first < other.first : second < other.second
    }
  }

  private var heap: [Candidate] = []

  mutating func insert(_ candidate: Candidate) {
    heap.append(candidate)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].precedes(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func popFirst() -> Candidate? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var parent = 0
    while true {
      var best = parent
      for child in 2 * parent + 1..<2 * parent + 3 where child < heap.count {
        if heap[child].precedes(heap[best]) { best = child }
      }
      guard best != parent else { return first }
      heap.swapAt(parent, best)
      parent = best
    }
  }
}
