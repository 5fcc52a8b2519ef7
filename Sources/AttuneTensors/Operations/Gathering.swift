// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Returns the rows that `ids` name; a negative id gives a row of zeros.  [rows, dimension] -> [ids, dimension]
  public func rows(_ ids: [Int32]) -> Tensor {
    Self.requireEntries(ids, of: self)
    let shape = shape
    return .recorded(Kernels.gather([self], [ids], rows: ids.count), from: [self]) { call in
      let groups = RowGroups(ids: ids)
      let sums = Kernels.sumRows(call.gradient, groups)
      return [.dense(Gradient.rows(groups.rows, sums).dense(shape: shape))]
    }
  }

  /// Returns the sum of the rows that several tables give for each position.  tables of [entries, dimension] -> [tokens, dimension]
  ///
  /// The tables are parameters themselves: their gradients name only the rows that were used.
  public static func embedding(_ lookups: [(table: Tensor, ids: [Int32])]) -> Tensor {
    let tables = lookups.map(\.table)
    let ids = lookups.map(\.ids)
    precondition(
      ids.allSatisfy { $0.count == ids[0].count }, "embedding: the tables get unlike many ids")
    for (table, ids) in lookups {
      precondition(
        table.columnCount == tables[0].columnCount && table.precision == tables[0].precision,
        "embedding: tables \(tables[0].shape) and \(table.shape) have unlike columns")
      requireEntries(ids, of: table)
    }
    return .recorded(
      Kernels.gather(tables, ids, rows: ids[0].count), from: tables
    ) { call in
      zip(ids, call.needed).map { ids, isNeeded in
        guard isNeeded else { return nil }
        let groups = RowGroups(ids: ids)
        return .rows(groups.rows, Kernels.sumRows(call.gradient, groups))
      }
    }
  }

  private static func requireEntries(_ ids: [Int32], of table: Tensor) {
    let highest = ids.max() ?? -1
    precondition(highest < table.rowCount, "row \(highest) of a tensor of shape \(table.shape)")
  }

  /// Returns the columns of several matrices side by side.  [rows, a], [rows, b], … -> [rows, a + b + …]
  public static func concatenatingColumns(_ parts: [Tensor]) -> Tensor {
    precondition(
      parts.allSatisfy {
        $0.rowCount == parts[0].rowCount && $0.precision == parts[0].precision
      }, "columns of \(parts.map(\.shape)) do not stand side by side")
    let widths = parts.map(\.columnCount)
    let result = Tensor(
      uninitialized: [parts[0].rowCount, widths.reduce(0, +)], precision: parts[0].precision)
    Kernels.copyColumns(parts, to: result)
    return .recorded(result, from: parts) { call in
      let pieces = widths.map {
        Tensor(
          uninitialized: [call.gradient.rowCount, $0], precision: call.gradient.precision)
      }
      Kernels.copyColumns(from: call.gradient, to: pieces)
      return pieces.map { .dense($0) }
    }
  }

  /// Returns the rows of several matrices one after the other.  [a, dimension], [b, dimension], … -> [a + b + …, dimension]
  public static func concatenatingRows(_ parts: [Tensor]) -> Tensor {
    let counts = parts.map(\.rowCount)
    let columns = parts[0].columnCount
    precondition(
      parts.allSatisfy { $0.columnCount == columns && $0.precision == parts[0].precision },
      "rows of \(parts.map(\.shape)) do not follow one another")
    let result = Tensor(
      uninitialized: [counts.reduce(0, +), columns], precision: parts[0].precision)
    var first = 0
    for part in parts {
      result.pointer(atElement: first)
        .copyMemory(from: part.pointer, byteCount: part.count * part.precision.byteCount)
      first += part.count
    }
    return .recorded(result, from: parts) { call in
      var first = 0
      return counts.map { count in
        let piece = Tensor(uninitialized: [count, columns], precision: call.gradient.precision)
        piece.pointer.copyMemory(
          from: call.gradient.pointer(atElement: first),
          byteCount: piece.count * piece.precision.byteCount)
        first += piece.count
        return .dense(piece)
      }
    }
  }
}
