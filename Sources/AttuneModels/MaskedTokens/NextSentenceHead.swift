// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Tells from the state of the first token whether the second text of a pair follows the first (Devlin et al. 2019, section 3.1).
public struct NextSentenceHead: Module {
  public var pooler: Linear
  public var classifier: Linear

  /// A head for states of `dimension` columns, drawn from `key`.
  public init(dimension: Int, key: RandomKey) {
    pooler = Linear(input: dimension, output: dimension, key: key.place(0))
    classifier = Linear(input: dimension, output: 2, key: key.place(1))
  }

  /// [sequences, dimension] -> [sequences, 2]
  public func callAsFunction(_ states: Tensor) -> Tensor {
    classifier(pooler(states, then: .tanh))
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("pooler", &pooler)
    visit("classifier", &classifier)
  }
}
