// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Two linear maps with an activation between them, applied to each position (Vaswani et al. 2017, section 3.3), or a gated
/// linear unit between them (Shazeer 2020).
public struct FeedForward: Module {
  /// To the hidden columns; of a gated net to both halves, the activated one first.
  public var expand: Linear
  public var contract: Linear
  /// Applied between the two maps.
  public let activation: Activation
  /// Whether the activated half of the hidden columns is multiplied by the other half.
  public let isGated: Bool
  /// Dropout of what the second map sees.
  public let dropout: Dropout

  /// Maps between `dimension` and `hiddenDimension` columns.
  public init(
    dimension: Int, hiddenDimension: Int, activation: Activation, isGated: Bool = false,
    hasBias: Bool = true, dropout: Dropout = Dropout(0), key: RandomKey
  ) {
    expand = Linear(
      input: dimension, output: isGated ? 2 * hiddenDimension : hiddenDimension, hasBias: hasBias,
      key: key.place(0))
    contract = Linear(
      input: hiddenDimension, output: dimension, hasBias: hasBias, key: key.place(1))
    self.activation = activation
    self.isGated = isGated
    self.dropout = dropout
  }

  /// [tokens, dimension] -> [tokens, dimension]
  public func callAsFunction(_ states: Tensor, mode: Mode) -> Tensor {
    let drawn = dropout.draw(mode)
    if expand.weight.isPacked || (!isGated && drawn != nil) {
      let hidden = isGated ? expand(states).gated(by: activation) : expand(states, then: activation)
      return contract(hidden.dropped(drawn))
    }
    let maps = (
      expand: (weight: expand.weight.values, bias: expand.bias),
      contract: (weight: contract.weight.values, bias: contract.bias)
    )
    guard isGated else {
      return states.feedForward(
        expand: maps.expand, activation: activation, contract: maps.contract,
        in: expand.weight.products)
    }
    return states.gatedFeedForward(
      expand: maps.expand, activation: activation, dropout: drawn, contract: maps.contract,
      in: expand.weight.products)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("expand", &expand)
    visit("contract", &contract)
  }
}
