// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
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
    let queries = query(states)
    guard layout.tokenCount == layout.count, mode.pass == nil, !queries.isTracked, !memory.isTracked
    else {
      return output(
        .attention(
          queries: queries, layout, keys: memory.keys, values: memory.values, memory.layout,
          keySequences: sources, settings: settings(.full, mode)))
    }
    return output(
      .attention(
        ofEach: queries, keys: memory.keys, values: memory.values,
        rows: sources.map { memory.layout.rows(of: $0) }, headCount: headCount))
  }

  /// Returns how much every position attends to each position of its source, in the mean over heads; one list a position.
  ///
  /// - Parameters:
  ///   - memory: What `keysAndValues(of:)` made of the sources.
  ///   - sources: The source of each sequence.
  public func weights(
    of states: Tensor, layout: SequenceLayout, to memory: PackedKeyValues, sources: [Int]
  ) -> [[Float]] {
    let (queries, keys) = (query(states).doubles, memory.keys.doubles)
    let dimension = query.outputDimension
    let scale = 1 / Double(headWidth).squareRoot()
    return layout.sequenceOfRow.enumerated().map { row, sequence in
      let rows = memory.layout.rows(of: sources[Int(sequence)])
      var means = [Float](repeating: 0, count: rows.count)
      for head in 0..<headCount {
        let columns = head * headWidth..<(head + 1) * headWidth
        let scores = rows.map { key in
          columns.reduce(0) { $0 + queries[row * dimension + $1] * keys[key * dimension + $1] }
            * scale
        }
        let largest = scores.max() ?? 0
        let powers = scores.map { exp($0 - largest) }
        let total = powers.reduce(0, +) * Double(headCount)
        for (position, power) in powers.enumerated() { means[position] += Float(power / total) }
      }
      return means
    }
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
