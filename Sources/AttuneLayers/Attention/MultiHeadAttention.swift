// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Multi-head attention with its four projections (Vaswani et al. 2017, section 3.2.2): the one attention of encoders,
/// decoders and everything between.
public struct MultiHeadAttention: Module {
  public var query: Linear
  // The key bias cancels in the softmax; it is kept because published checkpoints contain it.
  public var key: Linear
  public var value: Linear
  public var output: Linear
  /// Heads that the dimension is cut into.
  public let headCount: Int
  /// Dropout of the attention weights.
  public let dropout: Dropout

  /// Attention over states of `dimension` columns.
  public init(
    dimension: Int, headCount: Int, hasBias: Bool = true, dropout: Dropout,
    key randomKey: RandomKey
  ) {
    func map(_ place: UInt64) -> Linear {
      Linear(input: dimension, output: dimension, hasBias: hasBias, key: randomKey.place(place))
    }
    query = map(0)
    key = map(1)
    value = map(2)
    output = map(3)
    self.headCount = headCount
    self.dropout = dropout
  }

  /// Every position attends to the positions of its own sequence.  [tokens, dimension] -> [tokens, dimension]
  ///
  /// - Parameter rotation: By how much queries and keys turn; nil: they do not.
  public func callAsFunction(
    _ states: Tensor, layout: SequenceLayout, pattern: AttentionPattern = .full,
    bias: AttentionBias? = nil, rotation: RotaryPositions? = nil, mode: Mode
  ) -> Tensor {
    let settings = settings(pattern, mode)
    guard ![query, key, value].contains(where: \.weight.isPacked) else {
      return output(
        .attention(
          queries: query(states).rotated(by: rotation), layout,
          keys: key(states).rotated(by: rotation), values: value(states), layout, bias: bias,
          settings: settings))
    }
    return output(
      states.selfAttention(
        query: (query.weight.values, query.bias), key: (key.weight.values, key.bias),
        value: (value.weight.values, value.bias), layout, bias: bias, rotation: rotation,
        settings: settings, in: query.weight.products))
  }

  /// Every position attends to all positions of its sequence up to its own, those of earlier calls included, which `past`
  /// holds; it then holds these as well.  [tokens, dimension] -> [tokens, dimension]
  ///
  /// - Parameter rotation: By how much queries and keys turn, at positions that count earlier calls in.
  public func callAsFunction(
    _ states: Tensor, layout: SequenceLayout, past: inout KeyValues, bias: AttentionBias? = nil,
    rotation: RotaryPositions? = nil, mode: Mode
  ) -> Tensor {
    past.append(
      keysAndValues(of: PackedStates(states: states, layout: layout), rotation: rotation))
    return output(
      past.attended(
        by: query(states).rotated(by: rotation), layout, bias: bias,
        settings: settings(.causal, mode)))
  }

  /// Every position attends to all positions of a source.  [tokens, dimension] -> [tokens, dimension]
  ///
  /// - Parameters:
  ///   - memory: What `keysAndValues(of:)` made of the sources.
  ///   - sources: The source of each sequence.
  public func callAsFunction(
    _ states: Tensor, layout: SequenceLayout, to memory: PackedKeyValues, sources: [Int],
    mode: Mode
  ) -> Tensor {
    output(
      .attention(
        queries: query(states), layout, keys: memory.keys, values: memory.values, memory.layout,
        keySequences: sources, settings: settings(.full, mode)))
  }

  /// Projects what is attended to.
  public func keysAndValues(
    of attended: PackedStates, rotation: RotaryPositions? = nil
  ) -> PackedKeyValues {
    PackedKeyValues(
      keys: key(attended.states).rotated(by: rotation), values: value(attended.states),
      layout: attended.layout)
  }

  /// The columns of one head.
  public var headWidth: Int { query.outputDimension / headCount }

  func settings(_ pattern: AttentionPattern, _ mode: Mode) -> AttentionSettings {
    AttentionSettings(headCount: headCount, pattern: pattern, dropout: dropout.draw(mode))
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("query", &query)
    visit("key", &key)
    visit("value", &value)
    visit("output", &output)
  }
}
