// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension Kernels {
  static func crossEntropy(
    _ logits: Tensor, _ targets: CrossEntropyTargets
  ) -> (sum: Tensor, logSumExp: Tensor) {
    let (rows, columns, precision) = (logits.rowCount, logits.columnCount, logits.precision)
    let logSumExp = Tensor(uninitialized: [rows], precision: precision)
    let losses = Tensor(uninitialized: [rows], precision: precision)
    let weights = targets.weights.map { Tensor($0).converted(to: precision) }
    let classes = UnsafeIDs(targets.classes)
    Parallel.forRows(rows, columns: columns) { range in
      let first = logits.pointer(atElement: range.lowerBound * columns)
      let sums = logSumExp.pointer(atElement: range.lowerBound)
      attune_log_sum_exp(precision.kernel, first, columns, sums, range.count, columns)
      attune_cross_entropy(
        precision.kernel, first, columns, sums, classes.pointer + range.lowerBound,
        Double(targets.labelSmoothing), weights?.pointer(atElement: range.lowerBound),
        losses.pointer(atElement: range.lowerBound), range.count, columns)
    }
    let sum = Tensor(uninitialized: [], precision: precision)
    fill(sum, total(losses))
    return (sum, logSumExp)
  }

  /// Overwrites logits by the derivative of their cross-entropy; the caller owns `logits`.
  static func replaceByCrossEntropyGradient(
    _ logits: Tensor, logSumExp: Tensor, _ targets: CrossEntropyTargets, scale: Double
  ) {
    let (columns, precision) = (logits.columnCount, logits.precision)
    let weights = targets.weights.map { Tensor($0).converted(to: precision) }
    let classes = UnsafeIDs(targets.classes)
    Parallel.forRows(logits.rowCount, columns: columns) { range in
      attune_cross_entropy_backward(
        precision.kernel, logits.pointer(atElement: range.lowerBound * columns), columns,
        logSumExp.pointer(atElement: range.lowerBound), classes.pointer + range.lowerBound,
        Double(targets.labelSmoothing), weights?.pointer(atElement: range.lowerBound), scale,
        range.count, columns)
    }
  }

  /// A copy of some rows.
  static func rows(_ rows: Range<Int>, of x: Tensor) -> Tensor {
    let columns = x.shape.count < 2 ? 1 : x.columnCount
    let result = Tensor(
      uninitialized: x.shape.count < 2 ? [rows.count] : [rows.count, columns],
      precision: x.precision)
    result.pointer.copyMemory(
      from: x.pointer(atElement: rows.lowerBound * columns),
      byteCount: result.count * x.precision.byteCount)
    return result
  }
}
