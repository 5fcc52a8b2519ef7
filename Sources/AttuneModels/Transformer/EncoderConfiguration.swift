// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// The sizes and settings of a transformer encoder.
public struct EncoderConfiguration: Sendable, Hashable {
  /// The published encoders whose files it can be read from and, where it fits, written to.
  public var family: EncoderFamily
  /// Entries of the token table.
  public var vocabularySize: Int
  /// Number of layers.
  public var layerCount: Int
  /// Sizes and settings of each layer.
  public var layer: TransformerLayerSettings
  /// How positions enter.
  public var positions: PositionKind
  /// Longest sequence, special tokens included.
  public var maximumLength: Int
  /// Entries of the segment table; 0: the model does not tell segments apart.
  public var segmentCount: Int
  /// The token that fills rectangles in other programs.
  public var paddingID: Int
  /// What the wavelengths of rotary positions grow with, in layers that see whole sequences.
  public var rotaryBase: Float = 10_000
  /// The layers that see a window alone; nil: every layer sees whole sequences.
  public var localLayers: LocalLayers?
  /// Distances that share a trained number for each head, added to the scores of every layer; nil: nothing is added.
  public var relativeBuckets: DistanceBuckets?
  /// Whether the first layer norms what it reads, where layers norm before their sublayers; embeddings are normed already.
  public var normsFirstInput = true
  /// Dropout rate of the embedded tokens; nil: that of the layers.
  public var embeddingDropout: Float?
  /// What heads are made of, in families whose configuration says so.
  public var head: HeadSettings?
  /// Standard deviation of the embedding tables of a new model. Small encoders that are trained from scratch learn
  /// faster with 0.1 than with BERT's 0.02. Not saved: it says nothing about a trained model.
  public var embeddingDeviation: Float

  /// The configuration of an encoder; the defaults are BERT's.
  public init(
    family: EncoderFamily = .bert, vocabularySize: Int, layerCount: Int,
    layer: TransformerLayerSettings, positions: PositionKind = .learned, maximumLength: Int = 512,
    segmentCount: Int = 2, paddingID: Int = 0, embeddingDeviation: Float = 0.02
  ) {
    self.family = family
    self.vocabularySize = vocabularySize
    self.layerCount = layerCount
    self.layer = layer
    self.positions = positions
    self.maximumLength = maximumLength
    self.segmentCount = segmentCount
    self.paddingID = paddingID
    self.embeddingDeviation = embeddingDeviation
  }

  /// The position of the first token: RoBERTa's come after the padding token's id.
  public var positionOffset: Int {
    family.layout.countsPositionsFromPadding ? paddingID + 1 : 0
  }

  /// Whether attention is the same in every layer and knows nothing of distances.
  var hasPlainAttention: Bool { localLayers == nil && relativeBuckets == nil }

  /// Whether the model tells the first text of a pair from the second.
  public var knowsSegments: Bool { segmentCount > 1 }
}

/// Layers that see a window alone, as they alternate with others in ModernBERT (Warner et al. 2024).
public struct LocalLayers: Sendable, Hashable {
  /// Their indices.
  public var indices: Set<Int>
  /// Positions that they see to either side.
  public var radius: Int
  /// What the wavelengths of their rotary positions grow with.
  public var rotaryBase: Float

  /// The layers of the given indices.
  public init(indices: Set<Int>, radius: Int, rotaryBase: Float = 10_000) {
    self.indices = indices
    self.radius = radius
    self.rotaryBase = rotaryBase
  }

  /// All layers but every `period`-th, beginning with the first.
  public init(butEvery period: Int, of layerCount: Int, radius: Int, rotaryBase: Float = 10_000) {
    self.init(
      indices: Set((0..<layerCount).filter { !$0.isMultiple(of: period) }), radius: radius,
      rotaryBase: rotaryBase)
  }
}

/// What the hidden layer of a head is made of.
public struct HeadSettings: Sendable, Hashable {
  /// Behind its map.
  public var activation: Activation
  /// Whether its map has a bias.
  public var hasBias: Bool
  /// Whether the scores of the vocabulary have a bias.
  public var hasOutputBias: Bool

  /// Settings; the defaults are ModernBERT's.
  public init(activation: Activation = .gelu, hasBias: Bool = false, hasOutputBias: Bool = true) {
    self.activation = activation
    self.hasBias = hasBias
    self.hasOutputBias = hasOutputBias
  }
}
