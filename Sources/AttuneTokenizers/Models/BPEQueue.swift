// SPDX-License-Identifier: Apache-2.0

/// Merges the pieces of a long word by a heap of pairs, in n log n.
struct BPEQueue {
  private struct Node {
    var id: Int32
    /// Bytes of the text; zero once the piece has gone into the one before it.
    var length: Int32
    var previous: Int32
    var next: Int32
  }

  /// A pair that may merge, unless its pieces have changed since.
  private struct Candidate {
    /// The rank, then the place of the left piece: the least merges first.
    let order: UInt64
    let result: Int32
    let right: Int32

    var left: Int32 { Int32(truncatingIfNeeded: order & 0xFFFF_FFFF) }
  }

  private var nodes: [Node]
  private var heap: [Candidate] = []

  init(_ pieces: [BPEPiece]) {
    let count = Int32(pieces.count)
    nodes = zip(pieces, 0..<count).map { piece, index in
      Node(
        id: piece.id, length: piece.length, previous: index - 1,
        next: index + 1 < count ? index + 1 : -1)
    }
  }

  mutating func merge(by pairs: PairTable, _ body: (_ id: Int32, _ length: Int) -> Void) {
    guard !nodes.isEmpty else { return }
    for left in nodes.indices.dropLast() {
      if let candidate = candidate(Int32(left), pairs) { heap.append(candidate) }
    }
    for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(place) }
    while let best = popFirst() {
      let (left, right) = (Int(best.left), Int(best.right))
      // A piece that was merged away or has grown since makes the candidate stale.
      guard nodes[left].length > 0, Int(nodes[left].next) == right,
        let merge = pairs[nodes[left].id, nodes[right].id], merge.id == best.result
      else { continue }
      nodes[left].id = merge.id
      nodes[left].length += nodes[right].length
      nodes[left].next = nodes[right].next
      nodes[right].length = 0
      if nodes[left].next >= 0 { nodes[Int(nodes[left].next)].previous = best.left }
      for place in [nodes[left].previous, best.left] where place >= 0 {
        if let candidate = candidate(place, pairs) { push(candidate) }
      }
    }
    var place = 0
    while place >= 0 {
      body(nodes[place].id, Int(nodes[place].length))
      place = Int(nodes[place].next)
    }
  }

  @inline(__always)
  private func candidate(_ left: Int32, _ pairs: PairTable) -> Candidate? {
    let right = nodes[Int(left)].next
    guard right >= 0, let merge = pairs[nodes[Int(left)].id, nodes[Int(right)].id] else {
      return nil
    }
    return Candidate(
      order: UInt64(merge.rank) << 32 | UInt64(left), result: merge.id, right: right)
  }

  private mutating func push(_ candidate: Candidate) {
    heap.append(candidate)
    var place = heap.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      guard candidate.order < heap[parent].order else { break }
      heap[place] = heap[parent]
      place = parent
    }
    heap[place] = candidate
  }

  private mutating func popFirst() -> Candidate? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink(0)
    }
    return first
  }

  private mutating func sink(_ start: Int) {
    let candidate = heap[start]
    var place = start
    while true {
      var child = 2 * place + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, heap[child + 1].order < heap[child].order { child += 1 }
      guard heap[child].order < candidate.order else { break }
      heap[place] = heap[child]
      place = child
    }
    heap[place] = candidate
  }
}
