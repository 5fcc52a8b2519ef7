// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// What a transformer decoder remembers: what it attends to of the sources, and of the tokens so far.
public struct TransformerDecoderState: DecoderState {
  /// Keys and values of the sources, one entry a layer; never copied.
  fileprivate var memories: [PackedKeyValues]
  /// The source of each row.
  fileprivate var sources: [Int]
  /// Keys and values of the tokens so far, one entry a layer.
  fileprivate var past: [KeyValues]
  /// Tokens so far of each row.
  fileprivate var lengths: [Int]

  public var rowCount: Int { sources.count }

  public mutating func select(rows: [Int]) {
    sources = rows.map { sources[$0] }
    lengths = rows.map { lengths[$0] }
    for layer in past.indices { past[layer].select(rows: rows) }
  }

  public mutating func detach() {
    memories = memories.map { $0.detached() }
    for layer in past.indices { past[layer].detach() }
  }
}

/// Transformer layers that write tokens and attend to a memory of any origin (Vaswani et al. 2017, figure 1 right).
public struct TransformerDecoder: Module {
  public var layers: [TransformerDecoderLayer]
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
      TransformerDecoderLayer(settings, key: key.place(UInt64($0)))
    }
    finalNorm = settings.finalNorm
    dropout = Dropout(settings.dropout)
    self.positions = positions
  }

  /// The state before the first token, one row for each sequence of `memory`.
  public func begin(_ memory: PackedStates) -> TransformerDecoderState {
    let rowCount = memory.layout.count
    return TransformerDecoderState(
      memories: layers.map { $0.crossAttention.keysAndValues(of: memory) },
      sources: Array(0..<rowCount), past: layers.map { _ in KeyValues(rowCount: rowCount) },
      lengths: [Int](repeating: 0, count: rowCount))
  }

  /// Returns the states after tokens whose vectors stand in `table`.  -> [tokens, dimension]
  public func callAsFunction(
    _ tokens: TokenBatch, table: Embedding, state: inout TransformerDecoderState, mode: Mode
  ) -> Tensor {
    states(after: tokens, table: table, state: &state, mode: mode, observe: { _ in })
  }

  /// Returns the states as well, and how much each token attends to each position of its source in the last layer, in the mean
  /// over heads.
  public func attending(
    _ tokens: TokenBatch, table: Embedding, state: inout TransformerDecoderState, mode: Mode
  ) -> (states: Tensor, attention: [[Float]]?) {
    let (memory, sources) = (state.memories.last, state.sources)
    var attention: [[Float]]?
    let found = states(after: tokens, table: table, state: &state, mode: mode) { attended in
      guard let memory, let last = layers.last else { return }
      attention = last.crossAttention.weights(
        of: attended, layout: tokens.layout, to: memory, sources: sources)
    }
    return (found, attention)
  }

  /// - Parameter observe: Is told what the last layer's cross-attention gets.
  private func states(
    after tokens: TokenBatch, table: Embedding, state: inout TransformerDecoderState, mode: Mode,
    observe: (Tensor) -> Void
  ) -> Tensor {
    let layout = tokens.layout
    precondition(
      layout.count == state.rowCount, "\(layout.count) sequences for \(state.rowCount) rows")
    var states = dropout(table.positioned(tokens, from: state.lengths, positions), mode: mode)
    layers.forEachBorrowed { index, layer in
      states = layer(
        states, layout: layout, past: &state.past[index], memory: state.memories[index],
        sources: state.sources, mode: mode, observe: index == layers.count - 1 ? observe : { _ in })
    }
    state.lengths = zip(state.lengths, layout.lengths).map { $0 + $1 }
    return finalNorm.map { $0(states) } ?? states
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("layers", &layers)
    visit("finalNorm", &finalNorm)
  }
}
