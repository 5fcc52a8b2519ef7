// SPDX-License-Identifier: Apache-2.0

/// Merges the pieces of a short word; after each merge all pairs are looked at again.
struct BPEScan {
  struct Item {
    var piece: BPEPiece
    /// What this piece and the next become, and how soon.
    var merge: PairTable.Value
  }

  private static let never = PairTable.Value(rank: .max, id: 0)

  private let items: UnsafeMutableBufferPointer<Item>
  private var count = 0

  /// Makes an empty word in memory for all of its pieces.
  init(_ memory: UnsafeMutableBufferPointer<Item>) { items = memory }

  @inline(__always)
  mutating func append(_ piece: BPEPiece) {
    items.initializeElement(at: count, to: Item(piece: piece, merge: Self.never))
    count += 1
  }

  mutating func merge(by pairs: PairTable) {
    guard count > 1 else { return }
    for index in 0..<count - 1 { look(at: index, pairs) }
    while true {
      var best = 0
      var rank = UInt32.max
      for index in 0..<count - 1 where items[index].merge.rank < rank {
        (best, rank) = (index, items[index].merge.rank)
      }
      guard rank < .max else { return }
      items[best].piece.id = items[best].merge.id
      items[best].piece.length += items[best + 1].piece.length
      count -= 1
      for index in best + 1..<count { items[index] = items[index + 1] }
      look(at: best, pairs)
      if best > 0 { look(at: best - 1, pairs) }
    }
  }

  func forEachPiece(_ body: (_ id: Int32, _ length: Int) -> Void) {
    for item in items[..<count] { body(item.piece.id, Int(item.piece.length)) }
  }

  @inline(__always)
  private func look(at index: Int, _ pairs: PairTable) {
    guard index + 1 < count else { return items[index].merge = Self.never }
    items[index].merge = pairs[items[index].piece.id, items[index + 1].piece.id] ?? Self.never
  }
}
