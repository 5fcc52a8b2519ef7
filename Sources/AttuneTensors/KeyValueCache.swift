// SPDX-License-Identifier: Apache-2.0

/// Keys and values of the tokens that several sequences have written, in one growing table, and for each sequence the rows
/// of the table that are its own, in order.
///
/// A step appends one block of rows and moves nothing; sequences that go on from the same beginning share its rows, so
/// reordering moves row numbers only. When the table is full, rows that no sequence needs any more are left behind.
public struct KeyValueCache: Sendable {
  /// [capacity, dimension]
  private var keys: Tensor
  /// [capacity, dimension]
  private var values: Tensor
  /// Rows of the table in use, from the first.
  private var usedCount = 0
  /// Rows of each sequence, `reach` numbers a sequence of which the first `lengths` count.
  private var slots: [Int32] = []
  private var reach = 0
  /// Keys of each sequence.
  public private(set) var lengths: [Int]

  /// No keys yet of `sequenceCount` sequences.
  public init(sequenceCount: Int, dimension: Int, precision: Precision) {
    keys = Tensor(uninitialized: [0, dimension], precision: precision)
    values = keys
    lengths = [Int](repeating: 0, count: sequenceCount)
  }

  /// Remembers the packed keys and values of the next tokens of each sequence.
  public mutating func append(
    keys newKeys: Tensor, values newValues: Tensor, _ layout: SequenceLayout
  ) {
    precondition(
      layout.count == lengths.count && newKeys.rowCount == layout.tokenCount
        && newKeys.shape == newValues.shape && newKeys.columnCount == keys.columnCount
        && newKeys.precision == keys.precision,
      "keys \(newKeys.shape) and values \(newValues.shape) for \(lengths.count) sequences")
    reserve(rows: layout.tokenCount)
    keys.replaceRows(from: usedCount, by: newKeys)
    values.replaceRows(from: usedCount, by: newValues)
    var longest = 0
    for sequence in lengths.indices {
      longest = max(longest, lengths[sequence] + layout.length(of: sequence))
    }
    reserve(reach: longest)
    for sequence in lengths.indices {
      let first = usedCount + layout.offsets[sequence]
      for offset in 0..<layout.length(of: sequence) {
        slots[sequence * reach + lengths[sequence] + offset] = Int32(first + offset)
      }
      lengths[sequence] += layout.length(of: sequence)
    }
    usedCount += layout.tokenCount
  }

  /// Keeps the given sequences, in this order; they may repeat.
  public mutating func select(_ sequences: [Int]) {
    slots = sequences.flatMap { slots[$0 * reach..<($0 + 1) * reach] }
    lengths = sequences.map { lengths[$0] }
  }

  /// Rows of the table of one sequence, in order.
  private func ownRows(of sequence: Int) -> ArraySlice<Int32> {
    slots[sequence * reach..<sequence * reach + lengths[sequence]]
  }

  /// The keys and values of all sequences, end to end.
  public var packed: (keys: Tensor, values: Tensor, layout: SequenceLayout) {
    let rows = lengths.indices.flatMap { ownRows(of: $0) }
    return (keys.rows(rows), values.rows(rows), SequenceLayout(lengths: lengths))
  }

  private mutating func reserve(rows: Int) {
    guard usedCount + rows > keys.rowCount else { return }
    let needed = Set(lengths.indices.flatMap { ownRows(of: $0) }).sorted()
    var places = [Int32](repeating: 0, count: usedCount)
    for (place, row) in needed.enumerated() { places[Int(row)] = Int32(place) }
    // At first enough for a short sentence: what grows is copied.
    let capacity = max(2 * (needed.count + rows), 8 * lengths.count, 64)
    keys = keys.enlarged(to: capacity, keeping: needed)
    values = values.enlarged(to: capacity, keeping: needed)
    for sequence in lengths.indices {
      for position in sequence * reach..<sequence * reach + lengths[sequence] {
        slots[position] = places[Int(slots[position])]
      }
    }
    usedCount = needed.count
  }

  private mutating func reserve(reach wanted: Int) {
    guard wanted > reach else { return }
    let larger = max(2 * wanted, 16)
    var result = [Int32](repeating: 0, count: larger * lengths.count)
    for sequence in lengths.indices {
      for (offset, row) in ownRows(of: sequence).enumerated() {
        result[sequence * larger + offset] = row
      }
    }
    (slots, reach) = (result, larger)
  }
}

extension KeyValueCache {
  /// Returns attention of the last tokens of each sequence, up to their own positions. Not recorded: decoding only.
  /// [queries, dimension] -> [queries, dimension]
  public func attended(by queries: Tensor, _ layout: SequenceLayout, headCount: Int) -> Tensor {
    precondition(layout.count == lengths.count, "\(layout.count) sequences for \(lengths.count)")
    var runs: [KeyRun] = []
    runs.reserveCapacity(layout.tokenCount)
    for sequence in lengths.indices {
      let count = layout.length(of: sequence)
      for query in 0..<count {
        runs.append(
          KeyRun(first: sequence * reach, count: lengths[sequence] - count + query + 1))
      }
    }
    return Kernels.attendOneByOne(
      queries, keys: keys, values: values, slots: slots, runs, headCount: headCount)
  }
}

extension Tensor {
  /// Returns attention of single queries, each over a range of the rows of keys and values. Not recorded: decoding only.
  /// [queries, dimension] -> [queries, dimension]
  public static func attention(
    ofEach queries: Tensor, keys: Tensor, values: Tensor, rows: [Range<Int>], headCount: Int
  ) -> Tensor {
    precondition(
      keys.shape == values.shape && rows.allSatisfy { $0.upperBound <= keys.rowCount },
      "keys \(keys.shape), values \(values.shape)")
    return Kernels.attendOneByOne(
      queries, keys: keys, values: values, slots: nil,
      rows.map { KeyRun(first: $0.lowerBound, count: $0.count) }, headCount: headCount)
  }

  /// Copies another matrix over the rows from `first` on.
  fileprivate mutating func replaceRows(from first: Int, by other: Tensor) {
    if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
    Kernels.copyRows(of: other, to: self, from: first)
  }

  fileprivate func enlarged(to capacity: Int, keeping rows: [Int32]) -> Tensor {
    let result = Tensor(uninitialized: [capacity, columnCount], precision: precision)
    if !rows.isEmpty { Kernels.copyRows(of: self.rows(rows), to: result, from: 0) }
    return result
  }
}
