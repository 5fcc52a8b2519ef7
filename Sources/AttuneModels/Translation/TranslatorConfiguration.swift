// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers

/// The sizes and settings of a translator.
public struct TranslatorConfiguration: Sendable, Hashable {
  /// Entries of the table that source, target and output share.
  public var vocabularySize: Int
  /// Layers that read the source.
  public var encoderLayerCount: Int
  /// Layers that write the target.
  public var decoderLayerCount: Int
  /// Sizes and settings of each layer of the encoder.
  public var encoder: TransformerLayerSettings
  /// Sizes and settings of each layer of the decoder; as wide as the encoder's.
  public var decoder: TransformerLayerSettings
  /// How positions enter.
  public var positions: TokenPositions
  /// The tokens with a part to play.
  public var tokens: TranslatorTokens
  /// Longest source and longest target, with the tokens that end them.
  public var maximumLength: Int

  /// A configuration; what is left out is as in Marian.
  public init(
    vocabularySize: Int, encoderLayerCount: Int, decoderLayerCount: Int,
    layer: TransformerLayerSettings,
    positions: TokenPositions = TokenPositions(order: .halves), tokens: TranslatorTokens,
    maximumLength: Int = 512
  ) {
    self.vocabularySize = vocabularySize
    self.encoderLayerCount = encoderLayerCount
    self.decoderLayerCount = decoderLayerCount
    (encoder, decoder) = (layer, layer)
    self.positions = positions
    self.tokens = tokens
    self.maximumLength = maximumLength
  }

  /// What every norm of Marian adds to variances; no key tells it.
  public static let marianEpsilon: Float = 1e-5

  /// Whether transformers' `MarianMTModel` can hold such a translator.
  public var fitsMarian: Bool {
    positions.order == .halves
      && [encoder, decoder].allSatisfy {
        $0.normPlacement == .post && $0.epsilon == Self.marianEpsilon && !$0.isGated
          && $0.hasAttentionBias && $0.hasFeedForwardBias && $0.hasNormBias
          && $0.attentionOutputDropout == nil
      } && encoder.activation == decoder.activation && encoder.dropout == decoder.dropout
      && encoder.attentionDropout == decoder.attentionDropout
      && encoder.feedForwardDropout == decoder.feedForwardDropout
  }
}

/// The ids of a translator's tokens with a part to play.
public struct TranslatorTokens: Sendable, Hashable {
  /// Given to the decoder before the first token.
  public var start: Int32
  /// Ends sources and targets.
  public var end: Int32
  /// Fills rectangles in other programs; never to be written.
  public var padding: Int32

  /// Tokens of the given ids; Marian starts with the padding.
  public init(start: Int32, end: Int32, padding: Int32) {
    self.start = start
    self.end = end
    self.padding = padding
  }
}

/// What a folder says about how its translator is to be used; a caller may do otherwise.
public struct GenerationDefaults: Sendable, Hashable {
  /// Tokens that are never to be written, the padding among them.
  public var forbidden: [Int32]
  /// Longest translation, with the token that ends it.
  public var maximumLength: Int
  /// Beginnings that a search keeps.
  public var beamWidth: Int
  /// p in score = log-probability / length^p.
  public var lengthPenalty: Double

  /// Defaults for a translator that writes at most `maximumLength` tokens.
  public init(
    forbidden: [Int32], maximumLength: Int, beamWidth: Int = 1, lengthPenalty: Double = 1
  ) {
    self.forbidden = forbidden
    self.maximumLength = maximumLength
    self.beamWidth = beamWidth
    self.lengthPenalty = lengthPenalty
  }
}

/// How a translator's folder is laid out, which says who can open it.
public enum TranslatorLayout: String, Sendable, Hashable, CaseIterable {
  /// transformers' `MarianMTModel`, which CTranslate2 converts.
  case marian
  /// The same files under our own `model_type`.
  case attune

  /// Which program opens such a folder, for people.
  public var reader: String {
    switch self {
    case .marian: "transformers (MarianMTModel)"
    case .attune: "Attune only"
    }
  }
}
