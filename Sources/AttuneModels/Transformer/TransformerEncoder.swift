// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Embeddings and a stack of self-attention layers: BERT's encoder and its relatives, pre-norm, sinusoidal, rotary, local and
/// relative ones among them.
public struct TransformerEncoder: LayeredEncoder {
  public var embeddings: TokenEmbedding
  public var layers: [TransformerEncoderLayer]
  /// Added to the scores of attention by distance, in every layer.
  public var relativeBias: RelativePositionBias?
  /// Normalises the last states when the layers norm before their sublayers.
  public var finalNorm: LayerNorm?
  /// How attention in each layer knows positions.
  private let views: [LayerView]

  /// An encoder drawn from `key`.
  public init(_ configuration: EncoderConfiguration, key: RandomKey) {
    embeddings = TokenEmbedding(configuration, key: key.place(0))
    layers = (0..<configuration.layerCount).map {
      TransformerEncoderLayer(configuration.layer, key: key.place(1).place(UInt64($0)))
    }
    relativeBias = configuration.relativeBuckets.map {
      RelativePositionBias(
        buckets: $0, headCount: configuration.layer.headCount, key: key.place(2))
    }
    finalNorm = configuration.layer.finalNorm
    views = (0..<configuration.layerCount).map { LayerView(of: $0, in: configuration) }
    if configuration.layer.normPlacement == .pre, !configuration.normsFirstInput, !layers.isEmpty {
      layers[0].selfAttentionResidual.norm = nil
    }
  }

  public func encode(_ tokens: TokenBatch, mode: Mode) -> PackedStates {
    PackedStates(states: encode(tokens, mode: mode) { _ in }, layout: tokens.layout)
  }

  public func layerStates(_ tokens: TokenBatch, mode: Mode) -> [PackedStates] {
    var seen: [Tensor] = []
    let last = encode(tokens, mode: mode) { seen.append($0) }
    // First come the embedded tokens, which are behind no layer; the last ones may be normed yet.
    return (seen.dropFirst().dropLast() + [last]).map {
      PackedStates(states: $0, layout: tokens.layout)
    }
  }

  /// Calls `observe` with the embedded tokens and the states after each layer, and returns the last, normed where a norm is behind
  /// them.  [tokens, dimension]
  func encode(_ tokens: TokenBatch, mode: Mode, observe: (Tensor) -> Void) -> Tensor {
    var states = embeddings(tokens, mode: mode)
    observe(states)
    let bias = relativeBias.map { $0(length: tokens.layout.longestLength) }
    let rotations = rotations(of: tokens, states.precision)
    layers.forEachBorrowed { index, layer in
      let view = views[index]
      states = layer(
        states, layout: tokens.layout, pattern: view.pattern, bias: bias,
        rotation: view.rotaryBase.flatMap { rotations[$0] }, mode: mode)
      observe(states)
    }
    return finalNorm.map { $0(states) } ?? states
  }

  /// The turns of queries and keys, which layers of one base share.
  private func rotations(
    of tokens: TokenBatch, _ precision: Precision
  ) -> [Float: RotaryPositions] {
    let bases = Set(views.compactMap(\.rotaryBase))
    let headWidth = layers.first?.selfAttention.headWidth ?? 0
    guard !bases.isEmpty else { return [:] }
    let positions = tokens.layout.positions()
    return Dictionary(
      uniqueKeysWithValues: bases.map {
        ($0, RotaryPositions(positions, base: $0, headWidth: headWidth, precision: precision))
      })
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("embeddings", &embeddings)
    visit("layers", &layers)
    visit("relativeBias", &relativeBias)
    visit("finalNorm", &finalNorm)
  }
}

/// How attention in one layer knows positions.
private struct LayerView: Sendable {
  let pattern: AttentionPattern
  /// Nil: queries and keys do not turn.
  let rotaryBase: Float?

  init(of layer: Int, in configuration: EncoderConfiguration) {
    let local = configuration.localLayers.flatMap { $0.indices.contains(layer) ? $0 : nil }
    pattern = local.map { .window(radius: $0.radius) } ?? .full
    rotaryBase =
      configuration.positions == .rotary ? local?.rotaryBase ?? configuration.rotaryBase : nil
  }
}
