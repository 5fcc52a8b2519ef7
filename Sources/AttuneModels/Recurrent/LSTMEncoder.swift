// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Layers of long short-term memory over the tokens of a source.
public struct LSTMEncoder: SequenceEncoder {
  /// The vectors of all tokens.
  public var table: Embedding
  public var layers: [LSTMLayer]
  /// Dropout of what each layer reads.
  public let dropout: Dropout

  /// An encoder whose states have `units` columns, or twice as many in both directions.
  ///
  /// - Parameter truncation: Steps after which gradients are cut; nil: never.
  public init(
    vocabularySize: Int, embeddingDimension: Int, units: Int, layerCount: Int,
    isBidirectional: Bool, truncation: Int? = nil, dropout: Dropout, key: RandomKey
  ) {
    table = Embedding(
      entries: vocabularySize, dimension: embeddingDimension, standardDeviation: 0.1,
      key: key.place(0))
    layers = (0..<layerCount).map { index in
      LSTMLayer(
        inputDimension: index == 0 ? embeddingDimension : (isBidirectional ? 2 : 1) * units,
        units: units, isBidirectional: isBidirectional, truncation: truncation,
        key: key.place(UInt64(index) + 1))
    }
    self.dropout = dropout
  }

  public func encode(_ source: TokenBatch, mode: Mode) -> PackedStates {
    var packed = PackedStates(states: table(source.ids), layout: source.layout)
    for layer in layers {
      packed = layer(
        PackedStates(states: dropout(packed.states, mode: mode), layout: packed.layout))
    }
    return packed
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("table", &table)
    visit("layers", &layers)
  }
}
