// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension Kernels {
  struct LayerNormResult {
    let sum: Tensor
    let result: Tensor
    let mean: Tensor
    let reciprocalDeviation: Tensor
  }

  static func layerNorm(
    _ x: Tensor, residual: Tensor?, dropout: DropoutDraw?, weight: Tensor, bias: Tensor?,
    epsilon: Float
  ) -> LayerNormResult {
    let (rows, columns, precision) = (x.rowCount, x.columnCount, x.precision)
    precondition(
      weight.count == columns && bias?.count ?? columns == columns,
      "layer norm: \(x.shape) with weight \(weight.shape)")
    precondition(
      weight.precision == precision && residual?.precision ?? precision == precision,
      "layer norm: states in \(precision), weight in \(weight.precision)")
    let norm = LayerNormResult(
      sum: residual == nil ? x : Tensor(uninitialized: x.shape, precision: precision),
      result: Tensor(uninitialized: x.shape, precision: precision),
      mean: Tensor(uninitialized: [rows], precision: precision),
      reciprocalDeviation: Tensor(uninitialized: [rows], precision: precision))
    Parallel.forRows(rows, columns: columns) { range in
      let first = range.lowerBound * columns
      attune_layer_norm(
        precision.kernel, residual?.pointer(atElement: first), x.pointer(atElement: first),
        dropout?.key.bits ?? 0, UInt64(first), Double(dropout?.rate ?? 0), weight.pointer,
        bias?.pointer, Double(epsilon),
        residual == nil ? nil : norm.sum.pointer(atElement: first),
        norm.result.pointer(atElement: first), norm.mean.pointer(atElement: range.lowerBound),
        norm.reciprocalDeviation.pointer(atElement: range.lowerBound), range.count, columns)
    }
    return norm
  }

  /// Saved: what was normalised, mean, 1 / deviation, weight.
  static func layerNormBackward(
    _ call: BackwardCall, wantsBias: Bool
  ) -> (input: Tensor, weight: Tensor, bias: Tensor?) {
    let (sum, mean, reciprocal, weight) = (
      call.saved[0], call.saved[1], call.saved[2], call.saved[3]
    )
    let (gradient, columns, precision) = (call.gradient, sum.columnCount, sum.precision)
    let input = Tensor(uninitialized: sum.shape, precision: precision)
    let weightGradient = Tensor.zeros([columns], precision: precision)
    let biasGradient = wantsBias ? Tensor.zeros([columns], precision: precision) : nil
    reduceRows(
      rows: sum.rowCount, columns: columns,
      partials: [weightGradient] + (biasGradient.map { [$0] } ?? [])
    ) { range, partials in
      let first = range.lowerBound * columns
      attune_layer_norm_backward(
        precision.kernel, gradient.pointer(atElement: first), sum.pointer(atElement: first),
        mean.pointer(atElement: range.lowerBound), reciprocal.pointer(atElement: range.lowerBound),
        weight.pointer, input.pointer(atElement: first), partials[0],
        partials.count > 1 ? partials[1] : nil, range.count, columns)
    }
    return (input, weightGradient, biasGradient)
  }
}
