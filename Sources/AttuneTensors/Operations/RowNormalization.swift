// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Returns each row scaled to length 1; a row of zeros stays one, and gets no gradient.  [rows, dimension] -> the same
  public func rowsNormalized() -> Tensor {
    let factors = Kernels.reciprocalLengths(self)
    let result = Kernels.scaledRows(self, by: factors)
    return .recorded(result, from: [self], saving: [result, factors]) { call in
      // What would only change the length falls out of the gradient.
      let (unit, factors) = (call.saved[0], call.saved[1])
      let along = Kernels.rowDots(unit, call.gradient)
      let across = Kernels.sum(
        call.gradient, Kernels.scaled(Kernels.scaledRows(unit, by: along), by: -1))
      return [.dense(Kernels.scaledRows(across, by: factors))]
    }
  }
}

extension Kernels {
  /// 1 over the length of each row; 0 for a row too short to have a direction.  [rows, dimension] -> [rows]
  fileprivate static func reciprocalLengths(_ x: Tensor) -> Tensor {
    let shortest = 1e-12
    let factors = rowDots(x, x).doubles.map { square in
      square.squareRoot() < shortest ? 0 : 1 / square.squareRoot()
    }
    return Tensor(doubles: factors, shape: [factors.count]).converted(to: x.precision)
  }
}
