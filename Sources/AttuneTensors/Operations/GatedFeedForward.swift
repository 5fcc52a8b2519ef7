// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Returns `activation` of the first half of each row times its second half (Dauphin et al. 2017).
  /// [rows, 2 * width] -> [rows, width]
  public func gated(by activation: Activation) -> Tensor {
    .recorded(Kernels.gated(self, by: activation), from: [self], saving: [self]) { call in
      let sums = call.saved[0]
      let result = Tensor(uninitialized: sums.shape, precision: sums.precision)
      let again = Tensor(uninitialized: call.gradient.shape, precision: sums.precision)
      Parallel.forRows(sums.rowCount, columns: sums.columnCount) { rows in
        Kernels.gateBackward(
          sums, by: activation, nil, gradient: call.gradient, into: result, gated: again,
          rows: rows)
      }
      return [.dense(result)]
    }
  }

  /// Returns a gated linear unit between two maps: `contract(dropped(gated(expand(self))))`; with GELU this is GeGLU
  /// (Shazeer 2020, equation 6).
  ///
  /// One operation, so that of the wide values the sums alone are kept: the gated ones are computed again.
  ///
  /// - Parameters:
  ///   - expand: The map to both halves, the activated one first: weight [2 * width, input], bias [2 * width].
  ///   - dropout: Of the gated values.
  ///   - contract: The map back: weight [output, width], bias [output].
  ///   - products: How the factors are rounded, here and in the derivative.
  public func gatedFeedForward(
    expand: Projection, activation: Activation, dropout: DropoutDraw? = nil, contract: Projection,
    in products: ProductPrecision = .float32
  ) -> Tensor {
    let (sums, gated) = Kernels.gatedLinear(
      self, expand.weight, expand.bias, activation, dropout, in: products)
    let (result, _) = Kernels.linear(
      gated, contract.weight, contract.bias, then: nil, in: products)
    return .recorded(
      result, from: [self, expand.weight, expand.bias, contract.weight, contract.bias],
      saving: [self, expand.weight, sums, contract.weight]
    ) { call in
      let (x, expandWeight, sums, contractWeight) =
        (call.saved[0], call.saved[1], call.saved[2], call.saved[3])
      let sumGradient = Tensor(uninitialized: sums.shape, precision: sums.precision)
      let gated = Tensor(
        uninitialized: [sums.rowCount, sums.columnCount / 2], precision: sums.precision)
      _ = Kernels.product(call.gradient, contractWeight, in: products) { wide, rows in
        Kernels.gateBackward(
          sums, by: activation, dropout, gradient: wide, into: sumGradient, gated: gated,
          rows: rows)
      }
      return [
        call.needed[0] ? .dense(Kernels.product(sumGradient, expandWeight, in: products)) : nil,
        call.needed[1]
          ? .dense(Kernels.product(sumGradient, x, transposeA: true, in: products)) : nil,
        call.needed[2] ? .dense(Kernels.columnSums(sumGradient)) : nil,
        call.needed[3]
          ? .dense(Kernels.product(call.gradient, gated, transposeA: true, in: products)) : nil,
        call.needed[4] ? .dense(Kernels.columnSums(call.gradient)) : nil,
      ]
    }
  }
}
