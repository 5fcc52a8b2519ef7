// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers

/// The sizes and settings of a captioner.
public struct CaptionerConfiguration: Sendable, Hashable {
  /// How vectors are read.
  public var vectors: VectorEncoderSettings
  /// Entries of the table that input and output tokens share.
  public var vocabularySize: Int
  /// Layers that write.
  public var decoderLayerCount: Int
  /// Sizes and settings of each layer of the decoder.
  public var decoder: TransformerLayerSettings
  /// How positions of tokens enter.
  public var positions: TokenPositions
  /// The tokens with a part to play.
  public var tokens: TranslatorTokens
  /// Longest caption, with the token that ends it.
  public var maximumLength: Int

  /// A configuration; what is left out is as in Marian's decoder.
  public init(
    vectors: VectorEncoderSettings, vocabularySize: Int, decoderLayerCount: Int,
    decoder: TransformerLayerSettings, positions: TokenPositions = TokenPositions(order: .halves),
    tokens: TranslatorTokens, maximumLength: Int = 128
  ) {
    self.vectors = vectors
    self.vocabularySize = vocabularySize
    self.decoderLayerCount = decoderLayerCount
    self.decoder = decoder
    self.positions = positions
    self.tokens = tokens
    self.maximumLength = maximumLength
  }

  /// A captioner with the decoder of a translator.
  public init(vectors: VectorEncoderSettings, decoderOf translator: TranslatorConfiguration) {
    self.init(
      vectors: vectors, vocabularySize: translator.vocabularySize,
      decoderLayerCount: translator.decoderLayerCount, decoder: translator.decoder,
      positions: translator.positions, tokens: translator.tokens,
      maximumLength: translator.maximumLength)
  }

  /// A captioner with the decoder of another.
  public init(vectors: VectorEncoderSettings, decoderOf other: CaptionerConfiguration) {
    self = other
    self.vectors = vectors
  }

  /// Numbers of a vector.
  public var vectorDimension: Int { vectors.dimension }
}
