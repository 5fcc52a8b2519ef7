// SPDX-License-Identifier: Apache-2.0

/// A run of keys and values of one sequence, with room for more.
public struct KeyValuePage: Sendable {
  /// [capacity, dimension]
  public private(set) var keys: Tensor
  /// [capacity, dimension]
  public private(set) var values: Tensor
  /// Rows in use, from the first.
  public private(set) var count: Int

  /// A page whose first `count` rows are in use.
  public init(keys: Tensor, values: Tensor, count: Int) {
    precondition(count <= keys.rowCount && keys.shape == values.shape, "page of \(keys.shape)")
    self.keys = keys.detached()
    self.values = values.detached()
    self.count = count
  }

  /// An empty page.
  public init(capacity: Int, dimension: Int, precision: Precision) {
    keys = Tensor(uninitialized: [capacity, dimension], precision: precision)
    values = Tensor(uninitialized: [capacity, dimension], precision: precision)
    count = 0
  }

  /// Rows that are still free.
  public var freeCount: Int { keys.rowCount - count }

  /// Writes rows of packed keys and values behind those in use; copies the page first when another one shares it.
  public mutating func append(keys newKeys: Tensor, values newValues: Tensor, rows: Range<Int>) {
    precondition(rows.count <= freeCount, "\(rows.count) rows do not fit into \(freeCount)")
    keys.replaceRows(from: count, by: newKeys, rows: rows)
    values.replaceRows(from: count, by: newValues, rows: rows)
    count += rows.count
  }
}

extension Tensor {
  /// Copies `rows` of another matrix over the rows from `first` on.
  fileprivate mutating func replaceRows(from first: Int, by other: Tensor, rows: Range<Int>) {
    precondition(
      columnCount == other.columnCount && precision == other.precision,
      "rows of \(other.shape) do not fit into \(shape)")
    if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
    Kernels.copyRows(rows, of: other, to: self, from: first)
  }
}

extension Kernels {
  fileprivate static func copyRows(
    _ rows: Range<Int>, of source: Tensor, to destination: Tensor, from first: Int
  ) {
    let columns = source.columnCount
    destination.pointer(atElement: first * columns)
      .copyMemory(
        from: source.pointer(atElement: rows.lowerBound * columns),
        byteCount: rows.count * columns * source.precision.byteCount)
  }
}
