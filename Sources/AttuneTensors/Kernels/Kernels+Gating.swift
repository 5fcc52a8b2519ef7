// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

extension Kernels {
  /// f(x) * gate of rows [x, gate].  [rows, 2 * width] -> [rows, width]
  static func gated(_ sums: Tensor, by activation: Activation) -> Tensor {
    precondition(
      sums.columnCount.isMultiple(of: 2), "gating: \(sums.columnCount) columns have no halves")
    let result = Tensor(
      uninitialized: [sums.rowCount, sums.columnCount / 2], precision: sums.precision)
    Parallel.forRows(sums.rowCount, columns: sums.columnCount) { rows in
      gate(sums, by: activation, into: result, rows: rows)
    }
    return result
  }

  /// x . weight^T + bias, and f of its first half of columns times its second, after dropout.
  static func gatedLinear(
    _ x: Tensor, _ weight: Tensor, _ bias: Tensor?, _ activation: Activation,
    _ dropout: DropoutDraw?, in products: ProductPrecision
  ) -> (sums: Tensor, gated: Tensor) {
    let (rows, input, output) = (x.rowCount, x.columnCount, weight.rowCount)
    precondition(
      input == weight.columnCount && output.isMultiple(of: 2) && bias?.count ?? output == output
        && weight.precision == x.precision,
      "gated linear: \(x.shape) x \(weight.shape), bias \(bias?.shape ?? [])")
    let sums = Tensor(uninitialized: [rows, output], precision: x.precision)
    let gated = Tensor(uninitialized: [rows, output / 2], precision: x.precision)
    multiply(
      x.precision, transposeB: true, m: rows, n: output, k: input, x.pointer, weight.pointer,
      in: products, into: sums.pointer
    ) { block in
      if let bias {
        attune_bias_activate(
          x.precision.kernel, Activation.identity.kernel,
          sums.pointer(atElement: block.lowerBound * output), output, bias.pointer, nil, 0,
          block.count, output)
      }
      gate(sums, by: activation, into: gated, rows: block)
      drop(gated, dropout, rows: block)
    }
    return (sums, gated)
  }

  /// The gradient of the sums, from that of the gated values after dropout; writes those values again into `gated`.
  static func gateBackward(
    _ sums: Tensor, by activation: Activation, _ dropout: DropoutDraw?, gradient: Tensor,
    into sumGradient: Tensor, gated: Tensor, rows: Range<Int>
  ) {
    let width = gated.columnCount
    drop(gradient, dropout, rows: rows)
    attune_activate_gated_backward(
      sums.precision.kernel, activation.kernel,
      sums.pointer(atElement: rows.lowerBound * 2 * width),
      gradient.pointer(atElement: rows.lowerBound * width),
      sumGradient.pointer(atElement: rows.lowerBound * 2 * width),
      gated.pointer(atElement: rows.lowerBound * width), rows.count, width)
    drop(gated, dropout, rows: rows)
  }

  private static func gate(
    _ sums: Tensor, by activation: Activation, into gated: Tensor, rows: Range<Int>
  ) {
    let width = gated.columnCount
    attune_activate_gated(
      sums.precision.kernel, activation.kernel,
      sums.pointer(atElement: rows.lowerBound * 2 * width),
      gated.pointer(atElement: rows.lowerBound * width), rows.count, width)
  }

  private static func drop(_ x: Tensor, _ draw: DropoutDraw?, rows: Range<Int>) {
    guard let draw else { return }
    let first = rows.lowerBound * x.columnCount
    attune_dropout(
      x.precision.kernel, draw.key.bits, UInt64(first), Double(draw.rate),
      x.pointer(atElement: first), x.pointer(atElement: first), rows.count * x.columnCount)
  }
}
