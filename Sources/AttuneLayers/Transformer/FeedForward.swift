// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Two linear maps with an activation between them, applied to each position (Vaswani et al. 2017, section 3.3).
public struct FeedForward: Module {
  public var expand: Linear
  public var contract: Linear
  /// Applied between the two maps.
  public let activation: Activation

  /// Maps between `dimension` and `hiddenDimension` columns.
  public init(dimension: Int, hiddenDimension: Int, activation: Activation, key: RandomKey) {
    expand = Linear(input: dimension, output: hiddenDimension, key: key.place(0))
    contract = Linear(input: hiddenDimension, output: dimension, key: key.place(1))
    self.activation = activation
  }

  /// [tokens, dimension] -> [tokens, dimension]
  public func callAsFunction(_ states: Tensor) -> Tensor {
    guard !expand.weight.isPacked else { return contract(expand(states, then: activation)) }
    return states.feedForward(
      expand: (expand.weight.values, expand.bias), activation: activation,
      contract: (contract.weight.values, contract.bias))
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("expand", &expand)
    visit("contract", &contract)
  }
}
