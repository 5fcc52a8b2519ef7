// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// A linear map of each row: `states . weight^T + bias`.
public struct Linear: Module {
  /// [output, input]
  public var weight: Weight
  /// [output]
  public var bias: Tensor?

  /// A map of the given weight and bias.
  public init(weight: Weight, bias: Tensor?) {
    self.weight = weight
    self.bias = bias
  }

  /// A map of the given weight and bias.
  public init(weight: Tensor, bias: Tensor?) { self.init(weight: Weight(weight), bias: bias) }

  /// A map drawn as BERT's initialiser does: truncated normal weights, zero bias.
  public init(
    input: Int, output: Int, hasBias: Bool = true, standardDeviation: Float = 0.02, key: RandomKey
  ) {
    self.init(
      weight: .truncatedNormal([output, input], standardDeviation: standardDeviation, key: key),
      bias: hasBias ? .zeros([output]) : nil)
  }

  /// Number of columns of the result.
  public var outputDimension: Int { weight.outputCount }

  /// [rows, input] -> [rows, output]
  public func callAsFunction(_ states: Tensor, then activation: Activation? = nil) -> Tensor {
    states.linear(weight, bias: bias, then: activation)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
    visit("bias", &bias)
  }
}
