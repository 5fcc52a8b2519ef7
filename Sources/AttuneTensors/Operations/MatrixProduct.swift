// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Returns the matrix product.  [m, k] x [k, n] -> [m, n]
  public func matmul(_ other: Tensor) -> Tensor {
    .recorded(Kernels.product(self, other), from: [self, other], saving: [self, other]) { call in
      [
        call.needed[0]
          ? .dense(Kernels.product(call.gradient, call.saved[1], transposeB: true)) : nil,
        call.needed[1]
          ? .dense(Kernels.product(call.saved[0], call.gradient, transposeA: true)) : nil,
      ]
    }
  }

  /// Returns op(a) op(b), the transposes of which can be wanted, detached: what the derivatives of products are made of.
  public static func product(
    _ a: Tensor, _ b: Tensor, transposeA: Bool, transposeB: Bool,
    in products: ProductPrecision = .float32
  ) -> Tensor {
    Kernels.product(a, b, transposeA: transposeA, transposeB: transposeB, in: products)
  }

  /// Returns `activation(self . weight^T + bias)`.  [rows, input] -> [rows, output]
  ///
  /// - Parameters:
  ///   - weight: [output, input]
  ///   - bias: [output]
  ///   - products: How the factors are rounded, here and in the derivative.
  public func linear(
    weight: Tensor, bias: Tensor?, then activation: Activation? = nil,
    in products: ProductPrecision = .float32
  ) -> Tensor {
    let activation = activation == .identity ? nil : activation
    let (sums, activated) = Kernels.linear(self, weight, bias, then: activation, in: products)
    let saved = activation == nil ? [self, weight] : [self, weight, sums]
    return .recorded(activated, from: [self, weight, bias], saving: saved) { call in
      let gradient =
        activation.map { Kernels.activationGradient(call.saved[2], call.gradient, of: $0) }
        ?? call.gradient
      return [
        call.needed[0] ? .dense(Kernels.product(gradient, call.saved[1], in: products)) : nil,
        call.needed[1]
          ? .dense(Kernels.product(gradient, call.saved[0], transposeA: true, in: products)) : nil,
        call.needed[2] ? .dense(Kernels.columnSums(gradient)) : nil,
      ]
    }
  }

  /// Returns two linear maps with an activation between: `contract(activation(expand(self)))`.
  ///
  /// One operation, so that the wide activated values are computed again in the backward pass and not kept: they are
  /// the largest values of a transformer layer.
  ///
  /// - Parameter products: How the factors are rounded, here and in the derivative.
  public func feedForward(
    expand: (weight: Tensor, bias: Tensor?), activation: Activation,
    contract: (weight: Tensor, bias: Tensor?), in products: ProductPrecision = .float32
  ) -> Tensor {
    let (sums, activated) = Kernels.linear(
      self, expand.weight, expand.bias, then: activation, in: products)
    let (result, _) = Kernels.linear(
      activated, contract.weight, contract.bias, then: nil, in: products)
    return .recorded(
      result, from: [self, expand.weight, expand.bias, contract.weight, contract.bias],
      saving: [self, expand.weight, sums, contract.weight]
    ) { call in
      let (x, expandWeight, sums, contractWeight) =
        (call.saved[0], call.saved[1], call.saved[2], call.saved[3])
      let activated = Tensor(uninitialized: sums.shape, precision: sums.precision)
      let wide = Kernels.product(call.gradient, contractWeight, in: products) { wide, rows in
        Kernels.activate(sums, by: activation, into: activated, timesDerivative: wide, rows: rows)
      }
      let contractGradient =
        call.needed[3]
        ? Kernels.product(call.gradient, activated, transposeA: true, in: products) : nil
      return [
        call.needed[0] ? .dense(Kernels.product(wide, expandWeight, in: products)) : nil,
        call.needed[1]
          ? .dense(Kernels.product(wide, x, transposeA: true, in: products)) : nil,
        call.needed[2] ? .dense(Kernels.columnSums(wide)) : nil,
        contractGradient.map { .dense($0) },
        call.needed[4] ? .dense(Kernels.columnSums(call.gradient)) : nil,
      ]
    }
  }
}
