// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// Rows of an input grouped by the table row they belong to.
struct RowGroups {
  /// Input rows, sorted by table row, in their own order within one.
  var order: [Int32] = []
  /// First entry of each group in `order`, and the total at the end.
  var starts: [Int32] = [0]
  /// The table row of each group, rising.
  var rows: [Int32] = []

  /// Groups 0..<ids.count by id; negative ids belong nowhere.
  init(ids: [Int32]) {
    // Packed into one integer each, so that a sort by id keeps the order within an id.
    var packed = ids.enumerated().filter { $0.element >= 0 }
      .map { UInt64(UInt32($0.element)) << 32 | UInt64($0.offset) }
    packed.sort()
    order.reserveCapacity(packed.count)
    for entry in packed {
      let row = Int32(entry >> 32)
      if row != rows.last {
        if !rows.isEmpty { starts.append(Int32(order.count)) }
        rows.append(row)
      }
      order.append(Int32(truncatingIfNeeded: entry & 0xFFFF_FFFF))
    }
    if !rows.isEmpty { starts.append(Int32(order.count)) }
  }
}

extension Kernels {
  /// Sum over the tables of the rows that their ids name; a negative id adds nothing.
  static func gather(_ tables: [Tensor], _ ids: [[Int32]], rows: Int) -> Tensor {
    let columns = tables[0].columnCount
    let precision = tables[0].precision
    let result = Tensor(uninitialized: [rows, columns], precision: precision)
    let idTensors = ids.map { UnsafeIDs($0) }
    let integers = tables.map { $0.precision == .float32 ? $0.storage.quantized : nil }
    let whole = zip(zip(tables, ids), integers).map { table, matrix in
      matrix == nil ? UnsafeRawPointer(table.0.storage.pointer(toRows: table.1)) : nil
    }
    Parallel.forRows(rows, columns: columns) { range in
      // Rows of integers become numbers on the way, and are taken in order from there.
      let unpacked = zip(integers, idTensors).map { matrix, ids in
        matrix.map { matrix in
          let block = Storage(count: range.count * columns, precision: .float32)
          matrix.gather(
            UnsafeBufferPointer(start: ids.pointer + range.lowerBound, count: range.count),
            to: block.pointer.assumingMemoryBound(to: Float.self))
          return block
        }
      }
      let order = unpacked.contains { $0 != nil } ? UnsafeIDs(Array(0..<Int32(range.count))) : nil
      let pointers = zip(whole, unpacked).map { $0 ?? $1.map { UnsafeRawPointer($0.pointer) } }
      let idPointers = zip(idTensors, unpacked).map { ids, block in
        let own = block == nil ? nil : order?.pointer
        return UnsafePointer(own ?? ids.pointer + range.lowerBound) as UnsafePointer<Int32>?
      }
      attune_gather_rows(
        precision.kernel, pointers, idPointers, tables.count,
        result.pointer(atElement: range.lowerBound * columns), range.count, columns)
      withExtendedLifetime((unpacked, order)) {}
    }
    return result
  }

  /// Rows of `x` summed by group.  -> [groups, columns]
  static func sumRows(_ x: Tensor, _ groups: RowGroups) -> Tensor {
    let columns = x.columnCount
    let result = Tensor(uninitialized: [groups.rows.count, columns], precision: x.precision)
    let order = UnsafeIDs(groups.order)
    let starts = UnsafeIDs(groups.starts)
    Parallel.forRows(groups.rows.count, columns: columns) { range in
      attune_sum_rows(
        x.precision.kernel, x.pointer, order.pointer, starts.pointer + range.lowerBound,
        result.pointer(atElement: range.lowerBound * columns), range.count, columns)
    }
    return result
  }

  /// destination[rows[i]] += values[i]; every row is named at most once.
  static func scatter(_ values: Tensor, to rows: [Int32], of destination: Tensor) {
    let columns = values.columnCount
    Parallel.forRows(rows.count, columns: columns) { range in
      for index in range {
        let target = destination.pointer(atElement: Int(rows[index]) * columns)
        attune_add(
          values.precision.kernel, target, values.pointer(atElement: index * columns), target,
          columns)
      }
    }
  }

  /// The sum of two gradients by rows.
  static func merge(
    _ firstRows: [Int32], _ first: Tensor, _ secondRows: [Int32], _ second: Tensor
  ) -> Gradient {
    let columns = first.columnCount
    let groups = RowGroups(ids: firstRows + secondRows)
    let joined = Tensor(
      uninitialized: [firstRows.count + secondRows.count, columns], precision: first.precision)
    let stride = first.precision.byteCount
    joined.pointer.copyMemory(from: first.pointer, byteCount: first.count * stride)
    joined.pointer(atElement: first.count)
      .copyMemory(from: second.pointer, byteCount: second.count * stride)
    return .rows(groups.rows, sumRows(joined, groups))
  }
}

/// Ids at a stable address, for loops on the pool.
final class UnsafeIDs {
  let pointer: UnsafeMutablePointer<Int32>

  init(_ ids: [Int32]) {
    pointer = .allocate(capacity: max(1, ids.count))
    ids.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.initialize(from: base, count: ids.count) }
    }
  }

  deinit { pointer.deallocate() }
}

extension Kernels {
  /// Writes the columns of `parts` side by side.
  static func copyColumns(_ parts: [Tensor], to result: Tensor) {
    forColumns(of: parts, in: result) { whole, part, byteCount in
      whole.copyMemory(from: part, byteCount: byteCount)
    }
  }

  /// Writes the columns of `whole` into `parts`, from the left.
  static func copyColumns(from whole: Tensor, to parts: [Tensor]) {
    forColumns(of: parts, in: whole) { whole, part, byteCount in
      part.copyMemory(from: whole, byteCount: byteCount)
    }
  }

  private static func forColumns(
    of parts: [Tensor], in whole: Tensor,
    _ body: (UnsafeMutableRawPointer, UnsafeMutableRawPointer, Int) -> Void
  ) {
    Parallel.forRows(whole.rowCount, columns: whole.columnCount) { range in
      for row in range {
        var column = row * whole.columnCount
        for part in parts {
          body(
            whole.pointer(atElement: column), part.pointer(atElement: row * part.columnCount),
            part.columnCount * part.precision.byteCount)
          column += part.columnCount
        }
      }
    }
  }
}
