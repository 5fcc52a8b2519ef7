// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Returns each row scaled to zero mean and unit variance, then scaled and shifted (Ba, Kiros and Hinton 2016).
  /// [rows, dimension] -> [rows, dimension]
  public func layerNormalized(weight: Tensor, bias: Tensor?, epsilon: Float) -> Tensor {
    let norm = Kernels.layerNorm(
      self, residual: nil, dropout: nil, weight: weight, bias: bias, epsilon: epsilon)
    return .recorded(
      norm.result, from: [self, weight, bias],
      saving: [self, norm.mean, norm.reciprocalDeviation, weight]
    ) { call in
      let gradients = Kernels.layerNormBackward(call, wantsBias: call.needed[2])
      return [.dense(gradients.input), .dense(gradients.weight), gradients.bias.map { .dense($0) }]
    }
  }

  /// Returns the layer norm of `residual` plus this tensor after dropout, in one pass.  [rows, dimension], twice, -> the same
  public func layerNormalized(
    addedTo residual: Tensor, dropout: DropoutDraw?, weight: Tensor, bias: Tensor?, epsilon: Float
  ) -> Tensor {
    precondition(shape == residual.shape, "sum: \(shape) and \(residual.shape) differ")
    let norm = Kernels.layerNorm(
      self, residual: residual, dropout: dropout, weight: weight, bias: bias, epsilon: epsilon)
    return .recorded(
      norm.result, from: [self, residual, weight, bias],
      saving: [norm.sum, norm.mean, norm.reciprocalDeviation, weight]
    ) { call in
      let gradients = Kernels.layerNormBackward(call, wantsBias: call.needed[3])
      var own: Tensor?
      if call.needed[0] {
        own = dropout.map { Kernels.dropped(gradients.input, $0) } ?? gradients.input
      }
      return [
        own.map { .dense($0) }, .dense(gradients.input), .dense(gradients.weight),
        gradients.bias.map { .dense($0) },
      ]
    }
  }
}
