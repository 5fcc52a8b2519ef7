// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Embeddings and a stack of self-attention layers: BERT's encoder, and its pre-norm and sinusoidal relatives.
public struct TransformerEncoder: SequenceEncoder {
  public var embeddings: TokenEmbedding
  public var layers: [TransformerEncoderLayer]
  /// Normalises the last states when the layers norm before their sublayers.
  public var finalNorm: LayerNorm?

  /// An encoder drawn from `key`.
  public init(_ configuration: EncoderConfiguration, key: RandomKey) {
    embeddings = TokenEmbedding(configuration, key: key.place(0))
    layers = (0..<configuration.layerCount).map {
      TransformerEncoderLayer(configuration.layer, key: key.place(1).place(UInt64($0)))
    }
    finalNorm =
      configuration.layer.normPlacement == .pre
      ? LayerNorm(
        dimension: configuration.layer.modelDimension, epsilon: configuration.layer.epsilon) : nil
  }

  public func encode(_ tokens: TokenBatch, mode: Mode) -> PackedStates {
    let embedded = embeddings(tokens, mode: mode)
    let states = layers.reduce(embedded) { states, layer in
      layer(states, layout: tokens.layout, mode: mode)
    }
    return PackedStates(states: finalNorm.map { $0(states) } ?? states, layout: tokens.layout)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("embeddings", &embeddings)
    visit("layers", &layers)
    visit("finalNorm", &finalNorm)
  }
}
