// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension Kernels {
  /// f(x . weight^T + bias).  [rows, input] -> [rows, output]
  static func packedLinear(
    _ x: Tensor, _ weight: PackedMatrix, _ bias: Tensor?, then activation: Activation?
  ) -> Tensor {
    let (rows, input, output) = (x.rowCount, weight.columnCount, weight.rowCount)
    precondition(
      x.columnCount == input,
      "linear: \(x.shape) x [\(output), \(input)]: inner dimensions \(x.columnCount) and \(input) differ"
    )
    precondition(
      bias?.count ?? output == output, "linear: \(output) outputs, bias \(bias?.shape ?? [])")
    let result = Tensor(uninitialized: [rows, output], precision: .float32)
    // An element's bits do not depend on how the result is cut, so the cut may follow the pool's convenience. A thread that is
    // alone reads the weight once for all rows.
    let (perTask, columns) =
      Parallel.isAlone
      ? (max(rows, 1), max(output, 1))
      : (
        rowsPerTask(rows, work: rows * input * output),
        columnsPerTask(output, rows: rows, work: rows * input * output)
      )
    let (rowTasks, columnTasks) = (
      (rows + perTask - 1) / perTask, (output + columns - 1) / columns
    )
    Parallel.forEach(rowTasks * columnTasks) { task in
      let (row, column) = (task / columnTasks * perTask, task % columnTasks * columns)
      weight.multiply(
        x.pointer(atElement: row * input), rows: min(perTask, rows - row),
        columns: column..<min(output, column + columns), bias?.pointer(atElement: column),
        (activation ?? .identity).kernel, result.pointer(atElement: row * output + column))
    }
    return result
  }

  /// Columns of one task: all of them where the rows suffice for every thread.
  private static func columnsPerTask(_ columns: Int, rows: Int, work: Int) -> Int {
    // With few rows the weight is read once for little work: half a megabyte of it is worth a second thread.
    let weight = work / max(rows, 1)
    guard rows < 32, work > 1 << 21 || weight > 1 << 18 else { return max(columns, 1) }
    let panel = Int(ATTUNE_PANEL_COLUMNS)
    let tasks = min(Parallel.threadCount, max(work >> 20, weight >> 17))
    return max((columns / tasks + panel - 1) / panel * panel, panel)
  }
}

extension PackedMatrix {
  /// Computes a block of a linear map; `columns` starts at a panel.
  func multiply(
    _ x: UnsafeMutableRawPointer, rows: Int, columns: Range<Int>, _ bias: UnsafeMutableRawPointer?,
    _ activation: attune_activation, _ result: UnsafeMutableRawPointer
  ) {
    let (left, bias, target) = (
      x.assumingMemoryBound(to: Float.self), bias?.assumingMemoryBound(to: Float.self),
      result.assumingMemoryBound(to: Float.self)
    )
    switch elements {
    case .factor(let factor):
      let packed = factor.panel(at: columns.lowerBound)
      if factor.products == .float32 {
        attune_packed_gemm(
          rows, columns.count, columnCount, left, columnCount,
          packed.assumingMemoryBound(to: Float.self), bias, activation, target, rowCount)
      } else {
        attune_short_gemm(
          factor.products.kernel, 0, rows, columns.count, columnCount, left, columnCount, packed, 0,
          bias, activation, target, rowCount)
      }
    case .bytes(let storage):
      let packed = storage.pointer + attune_int8_packed_size(columns.lowerBound, columnCount)
      attune_int8_gemm(
        rows, columns.count, columnCount, left, columnCount, packed, bias, activation, target,
        rowCount)
    }
  }
}
