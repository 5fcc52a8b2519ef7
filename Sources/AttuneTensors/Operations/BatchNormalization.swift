// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Returns each column scaled by the statistics of all rows of the batch, then scaled and shifted (Ioffe and Szegedy 2015).
  /// [rows, dimension] -> [rows, dimension]
  ///
  /// - Returns: The result, and the batch's mean and biased variance of each column, detached.
  public func batchNormalized(
    weight: Tensor, bias: Tensor, epsilon: Float
  ) -> (result: Tensor, mean: Tensor, variance: Tensor) {
    let rows = Double(max(rowCount, 1))
    let mean = Kernels.scaled(Kernels.columnSums(detached()), by: 1 / rows)
    let centered = Kernels.scaledColumns(self, by: nil, plus: Kernels.scaled(mean, by: -1))
    let variance = Kernels.scaled(Kernels.columnDots(centered, centered), by: 1 / rows)
    let reciprocal = variance.reciprocalDeviation(epsilon: epsilon)
    let normalized = Kernels.scaledColumns(centered, by: reciprocal, plus: nil)
    let result = Kernels.scaledColumns(normalized, by: weight, plus: bias)
    let recorded = Tensor.recorded(
      result, from: [self, weight, bias], saving: [normalized, reciprocal, weight]
    ) { call in
      let (normalized, reciprocal, weight) = (call.saved[0], call.saved[1], call.saved[2])
      let biasGradient = Kernels.columnSums(call.gradient)
      let weightGradient = Kernels.columnDots(call.gradient, normalized)
      // dx = weight / deviation * (g - mean(g) - normalized * mean(g * normalized))
      let explained = Kernels.scaledColumns(
        normalized, by: Kernels.scaled(weightGradient, by: -1 / rows),
        plus: Kernels.scaled(biasGradient, by: -1 / rows))
      let input = Kernels.scaledColumns(
        Kernels.sum(call.gradient, explained), by: Kernels.elementwiseProduct(weight, reciprocal),
        plus: nil)
      return [.dense(input), .dense(weightGradient), .dense(biasGradient)]
    }
    return (recorded, mean, variance)
  }

  /// Returns each column normalised by given statistics, then scaled and shifted.
  public func normalized(
    mean: Tensor, variance: Tensor, weight: Tensor, bias: Tensor, epsilon: Float
  ) -> Tensor {
    let reciprocal = variance.detached().reciprocalDeviation(epsilon: epsilon)
    let normalized = Kernels.scaledColumns(
      Kernels.scaledColumns(self, by: nil, plus: Kernels.scaled(mean, by: -1)), by: reciprocal,
      plus: nil)
    return .recorded(
      Kernels.scaledColumns(normalized, by: weight, plus: bias), from: [self, weight, bias],
      saving: [normalized, reciprocal, weight]
    ) { call in
      let (normalized, reciprocal, weight) = (call.saved[0], call.saved[1], call.saved[2])
      return [
        .dense(
          Kernels.scaledColumns(
            call.gradient, by: Kernels.elementwiseProduct(weight, reciprocal), plus: nil)),
        .dense(Kernels.columnDots(call.gradient, normalized)),
        .dense(Kernels.columnSums(call.gradient)),
      ]
    }
  }

  /// 1 / sqrt(x + epsilon) of a short vector.
  private func reciprocalDeviation(epsilon: Float) -> Tensor {
    let doubles = doubles.map { 1 / ($0 + Double(epsilon)).squareRoot() }
    return Tensor(doubles: doubles, shape: shape).converted(to: precision)
  }
}
