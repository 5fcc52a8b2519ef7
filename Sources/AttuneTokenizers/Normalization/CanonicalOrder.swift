// SPDX-License-Identifier: Apache-2.0

/// Decomposes scalars and puts combining marks into canonical order (Unicode Standard, 3.11).
struct CanonicalOrder {
  /// A scalar with the place of the source scalar it is counted to.
  struct Item {
    var scalar: UInt32
    var source: Int
    var length: Int
    fileprivate var combiningClass: UInt8 = 0
    /// Whether it is the first part of its source scalar.
    fileprivate var isFirst = true

    init(scalar: UInt32, source: Int, length: Int) {
      (self.scalar, self.source, self.length) = (scalar, source, length)
    }
  }

  private var pending: [Item] = []

  /// Takes a source scalar; parts whose place is settled go to `emit`.
  mutating func append(_ item: Item, data: UnicodeData, emit: (Item) -> Void) {
    var item = item
    data.forEachPart(of: item.scalar) { part in
      item.scalar = part
      item.combiningClass = data.combiningClass(of: part)
      if item.combiningClass == 0 { flush(emit) }
      pending.append(item)
      item.isFirst = false
    }
  }

  /// Emits all that waits, in order.
  ///
  /// When marks change places, the k-th first part is counted to the k-th source scalar, and each
  /// other part to the one before it: so do the programs that BERT vocabularies come from.
  mutating func flush(_ emit: (Item) -> Void) {
    guard !pending.isEmpty else { return }
    if pending.count > 1 { sort() }
    for item in pending { emit(item) }
    pending.removeAll(keepingCapacity: true)
  }

  private mutating func sort() {
    let isOrdered = (1..<pending.count).allSatisfy {
      pending[$0 - 1].combiningClass <= pending[$0].combiningClass
    }
    guard !isOrdered else { return }
    let sources = pending.filter(\.isFirst).map { ($0.source, $0.length) }
    pending = pending.enumerated().sorted {
      ($0.element.combiningClass, $0.offset) < ($1.element.combiningClass, $1.offset)
    }.map(\.element)
    var current = (pending[0].source, pending[0].length)
    var next = 0
    for index in pending.indices {
      if pending[index].isFirst {
        current = sources[next]
        next += 1
      }
      (pending[index].source, pending[index].length) = current
    }
  }
}
