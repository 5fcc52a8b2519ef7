// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Layer normalisation of each row (Ba, Kiros and Hinton 2016).
public struct LayerNorm: Module {
  /// [dimension]
  public var weight: Tensor
  /// [dimension]
  public var bias: Tensor?
  /// Added to the variance.
  public let epsilon: Float

  /// The identity scale, and the identity shift if the norm has a bias.
  public init(dimension: Int, epsilon: Float = 1e-12, hasBias: Bool = true) {
    weight = Tensor(repeating: 1, shape: [dimension])
    bias = hasBias ? .zeros([dimension]) : nil
    self.epsilon = epsilon
  }

  /// [rows, dimension] -> [rows, dimension]
  public func callAsFunction(_ states: Tensor) -> Tensor {
    states.layerNormalized(weight: weight, bias: bias, epsilon: epsilon)
  }

  /// The norm of `residual` plus dropped `states`, in one pass.
  public func callAsFunction(
    _ states: Tensor, addedTo residual: Tensor, dropout: DropoutDraw?
  ) -> Tensor {
    states.layerNormalized(
      addedTo: residual, dropout: dropout, weight: weight, bias: bias, epsilon: epsilon)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
  }
}
