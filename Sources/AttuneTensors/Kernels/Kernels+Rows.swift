// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension Kernels {
  /// Overwrites a row by zeros; the caller owns `matrix`.
  static func clear(row: Int, of matrix: Tensor) {
    let columns = matrix.columnCount
    let byteCount = columns * matrix.precision.byteCount
    (matrix.storage.pointer(toRows: [Int32(row)]) + row * byteCount).initializeMemory(
      as: UInt8.self, repeating: 0, count: byteCount)
  }

  /// Column sums of [rows, columns], added to `destination`; chunks of rows in parallel, added in their order.
  static func addColumnSums(_ x: Tensor, to destination: Tensor) {
    reduceRows(rows: x.rowCount, columns: x.columnCount, partials: [destination]) {
      range, partials in
      attune_column_sums(
        x.precision.kernel, x.pointer(atElement: range.lowerBound * x.columnCount), x.columnCount,
        partials[0], range.count, x.columnCount)
    }
  }

  static func columnSums(_ x: Tensor) -> Tensor {
    let result = Tensor.zeros([x.columnCount], precision: x.precision)
    addColumnSums(x, to: result)
    return result
  }

  /// Sums over rows of a * b, column by column.
  static func columnDots(_ a: Tensor, _ b: Tensor) -> Tensor {
    let result = Tensor.zeros([a.columnCount], precision: a.precision)
    reduceRows(rows: a.rowCount, columns: a.columnCount, partials: [result]) { range, partials in
      let first = range.lowerBound * a.columnCount
      attune_column_dots(
        a.precision.kernel, a.pointer(atElement: first), b.pointer(atElement: first), partials[0],
        range.count, a.columnCount)
    }
    return result
  }

  /// Runs `body` on chunks of rows, each with zeroed vectors of its own, and adds those to `partials` in chunk order.
  static func reduceRows(
    rows: Int, columns: Int, partials destinations: [Tensor],
    _ body: (Range<Int>, [UnsafeMutableRawPointer]) -> Void
  ) {
    let chunk = Parallel.rowsPerChunk(columns: columns)
    let chunkCount = (rows + chunk - 1) / chunk
    guard chunkCount > 1 else {
      if rows > 0 { body(0..<rows, destinations.map(\.pointer)) }
      return
    }
    let scratch = destinations.map {
      Tensor.zeros([chunkCount, $0.count], precision: $0.precision)
    }
    Parallel.forEach(chunkCount) { index in
      body(
        index * chunk..<min(rows, (index + 1) * chunk),
        scratch.map { $0.pointer(atElement: index * $0.columnCount) })
    }
    for (part, destination) in zip(scratch, destinations) {
      attune_column_sums(
        part.precision.kernel, part.pointer, part.columnCount, destination.pointer, chunkCount,
        part.columnCount)
    }
  }

  static func scaledColumns(_ x: Tensor, by scale: Tensor?, plus shift: Tensor?) -> Tensor {
    let result = Tensor(uninitialized: x.shape, precision: x.precision)
    let columns = x.columnCount
    Parallel.forRows(x.rowCount, columns: columns) { range in
      attune_scale_columns(
        x.precision.kernel, x.pointer(atElement: range.lowerBound * columns), scale?.pointer,
        shift?.pointer, result.pointer(atElement: range.lowerBound * columns), range.count, columns)
    }
    return result
  }

  static func scaledRows(_ x: Tensor, by scale: Tensor) -> Tensor {
    let result = Tensor(uninitialized: x.shape, precision: x.precision)
    let columns = x.columnCount
    Parallel.forRows(x.rowCount, columns: columns) { range in
      attune_scale_rows(
        x.precision.kernel, x.pointer(atElement: range.lowerBound * columns),
        scale.pointer(atElement: range.lowerBound),
        result.pointer(atElement: range.lowerBound * columns), range.count, columns)
    }
    return result
  }

  static func rowDots(_ a: Tensor, _ b: Tensor) -> Tensor {
    let result = Tensor(uninitialized: [a.rowCount], precision: a.precision)
    let columns = a.columnCount
    Parallel.forRows(a.rowCount, columns: columns) { range in
      let first = range.lowerBound * columns
      attune_row_dots(
        a.precision.kernel, a.pointer(atElement: first), columns, b.pointer(atElement: first),
        columns, result.pointer(atElement: range.lowerBound), range.count, columns)
    }
    return result
  }

  static func transposed(_ x: Tensor) -> Tensor {
    let result = Tensor(uninitialized: [x.columnCount, x.rowCount], precision: x.precision)
    attune_transpose(
      x.precision.kernel, x.pointer, result.pointer, x.rowCount, x.rowCount, x.columnCount)
    return result
  }

  static func softmax(_ x: Tensor, scale: Double) -> Tensor {
    let result = Tensor(uninitialized: x.shape, precision: x.precision)
    let columns = x.columnCount
    Parallel.forRows(x.rowCount, columns: columns) { range in
      attune_softmax(
        x.precision.kernel, scale, x.pointer(atElement: range.lowerBound * columns),
        result.pointer(atElement: range.lowerBound * columns), range.count, columns)
    }
    return result
  }
}

extension Kernels {
  static func softmaxBackward(_ probabilities: Tensor, _ gradient: Tensor) -> Tensor {
    let result = Tensor(uninitialized: gradient.shape, precision: gradient.precision)
    let columns = gradient.columnCount
    Parallel.forRows(gradient.rowCount, columns: columns) { range in
      let first = range.lowerBound * columns
      attune_softmax_backward(
        gradient.precision.kernel, probabilities.pointer(atElement: first),
        gradient.pointer(atElement: first), result.pointer(atElement: first), range.count, columns)
    }
    return result
  }

  /// log(sum(exp(x))) of each row.  [rows, columns] -> [rows, 1]
  static func logSumExp(_ x: Tensor) -> Tensor {
    let columns = x.columnCount
    let result = Tensor(uninitialized: [x.rowCount, 1], precision: x.precision)
    Parallel.forRows(x.rowCount, columns: columns) { rows in
      attune_log_sum_exp(
        x.precision.kernel, x.pointer(atElement: rows.lowerBound * columns), columns,
        result.pointer(atElement: rows.lowerBound), rows.count, columns)
    }
    return result
  }
}
