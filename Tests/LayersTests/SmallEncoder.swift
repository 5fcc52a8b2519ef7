// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors

/// An encoder of the layers under test alone: tokens, positions, a norm, transformer layers.
struct SmallEncoder: SequenceEncoder {
  var token: Embedding
  var position: Embedding
  var norm: LayerNorm
  var layers: [TransformerEncoderLayer]

  init(
    vocabulary: Int, positions: Int, layerCount: Int, settings: TransformerLayerSettings,
    key: RandomKey
  ) {
    token = Embedding(entries: vocabulary, dimension: settings.modelDimension, key: key.place(0))
    position = Embedding(entries: positions, dimension: settings.modelDimension, key: key.place(1))
    norm = LayerNorm(dimension: settings.modelDimension, epsilon: settings.epsilon)
    layers = (0..<layerCount).map {
      TransformerEncoderLayer(settings, key: key.place(2 + UInt64($0)))
    }
  }

  func encode(_ source: TokenBatch, mode: Mode) -> PackedStates {
    let embedded = Tensor.embedding([
      (table: token.weight, ids: source.ids),
      (table: position.weight, ids: source.layout.positions()),
    ])
    let states = layers.reduce(norm(embedded)) { $1($0, layout: source.layout, mode: mode) }
    return PackedStates(states: states, layout: source.layout)
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("token", &token)
    visit("position", &position)
    visit("norm", &norm)
    visit("layers", &layers)
  }

  /// A classifier of three labels of the size that the golden file has.
  static func classifier(
    pooling: PoolingKind, hasPooler: Bool, normPlacement: NormPlacement = .post
  ) -> SequenceClassifier<SmallEncoder> {
    let settings = TransformerLayerSettings(
      modelDimension: 8, headCount: 2, feedForwardDimension: 16, normPlacement: normPlacement,
      epsilon: 1e-5)
    let key = RandomKey(seed: 1)
    return SequenceClassifier(
      encoder: SmallEncoder(
        vocabulary: 7, positions: 6, layerCount: 1, settings: settings, key: key.place(0)),
      pooling: Pooling(pooling, dimension: 8, key: key.place(1)),
      head: ClassificationHead(
        dimension: 8, labelCount: 3, hasPooler: hasPooler, dropout: Dropout(0.1), key: key.place(2))
    )
  }
}
