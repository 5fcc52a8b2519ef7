// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers

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

  /// Whether the model tells the first text of a pair from the second.
  public var knowsSegments: Bool { segmentCount > 1 }
}
