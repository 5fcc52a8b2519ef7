// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers

/// The sizes and settings of a transformer encoder.
public struct EncoderConfiguration: Sendable, Hashable {
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
  /// Standard deviation of the embedding tables of a new model. Small encoders that are trained from scratch learn
  /// faster with 0.1 than with BERT's 0.02. Not saved: it says nothing about a trained model.
  public var embeddingDeviation: Float

  /// The configuration of an encoder; the defaults are BERT's.
  public init(
    vocabularySize: Int, layerCount: Int, layer: TransformerLayerSettings,
    positions: PositionKind = .learned, maximumLength: Int = 512, segmentCount: Int = 2,
    embeddingDeviation: Float = 0.02
  ) {
    self.vocabularySize = vocabularySize
    self.layerCount = layerCount
    self.layer = layer
    self.positions = positions
    self.maximumLength = maximumLength
    self.segmentCount = segmentCount
    self.embeddingDeviation = embeddingDeviation
  }
}
