// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Transformer layers over the tokens of a source, with sinusoidal positions (Vaswani et al. 2017, figure 1 left).
public struct TransformerEncoderStack: Module {
  public var layers: [TransformerEncoderLayer]
  /// Of the last states, when the layers have their norms in front.
  public var finalNorm: LayerNorm?
  /// Dropout of the embedded tokens.
  public let dropout: Dropout
  /// How positions enter.
  public let positions: TokenPositions

  /// Layers drawn from `key`.
  public init(
    _ settings: TransformerLayerSettings, layerCount: Int,
    positions: TokenPositions = TokenPositions(), key: RandomKey
  ) {
    layers = (0..<layerCount).map {
      TransformerEncoderLayer(settings, key: key.place(UInt64($0)))
    }
    finalNorm = settings.finalNorm
    dropout = Dropout(settings.dropout)
    self.positions = positions
  }

  /// Returns the states of tokens whose vectors stand in `table`.
  public func callAsFunction(_ tokens: TokenBatch, table: Embedding, mode: Mode) -> PackedStates {
    let layout = tokens.layout
    let starts = [Int](repeating: 0, count: layout.count)
    var states = dropout(table.positioned(tokens, from: starts, positions), mode: mode)
    layers.forEachBorrowed { _, layer in states = layer(states, layout: layout, mode: mode) }
    return PackedStates(states: finalNorm.map { $0(states) } ?? states, layout: layout)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("layers", &layers)
    visit("finalNorm", &finalNorm)
  }
}

extension TransformerLayerSettings {
  /// The norm behind the last layer, which layers with their norms in front need.
  var finalNorm: LayerNorm? {
    normPlacement == .pre ? norm : nil
  }
}
