// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneModels
public import AttuneTensors
public import AttuneTokenizers
public import AttuneTraining

/// What a user may ask of a captioner's training; whatever is nil is that of the recipe.
public struct CaptionerSettings: WriterSettings {
  /// What decides which model is the best.
  public enum Score: String, Sendable, Hashable, Codable, CaseIterable {
    /// Cross-entropy of the validation captions.
    case loss
    /// BLEU-4 of greedy captions of the validation vectors.
    case bleu
    /// CIDEr-D of the same.
    case cider
  }

  /// Known settings from which the rest is taken.
  public var recipe: CaptionerRecipe?
  /// How vectors are stored, where the name of their file does not tell.
  public var vectorsFormat: String?
  /// Column or key of the row of a vector.
  public var rowColumn: String?
  /// Column or key of the captions.
  public var captionColumn: String?
  public var encoding: String?
  /// Vectors that are kept for validation, with all their captions, when there is no file for it.
  public var validationRows: Int?
  /// Whether captions are learned in lower case.
  public var lowercases: Bool?
  /// The folder of a captioner that the training goes on with.
  public var origin: String?
  /// The folder of a captioner or translator whose decoder and tokenizer the training starts with.
  public var decoderOrigin: String?

  public var tokenizer: SentencePieceTrainer.Algorithm?
  public var wordVectors: String?
  /// Tokens of the vocabulary.
  public var vocabularySize: Int?
  /// What is done to vectors first.
  public var scaling: VectorScaling?
  /// Positions that a vector becomes; of a sequence with a mapping transformer, that the whole becomes.
  public var positions: Int?
  /// Layers of the mapping transformer; 0: a projection alone.
  public var mappingLayers: Int?
  /// Dropout of the vectors.
  public var vectorDropout: Float?
  /// Layers of the decoder.
  public var layers: Int?
  public var dimension: Int?
  public var heads: Int?
  public var feedForwardDimension: Int?
  public var normPlacement: NormPlacement?
  /// Most tokens of a caption, the end included; longer ones are not learned from.
  public var maximumLength: Int?

  public var epochs: Int?
  public var maximumSteps: Int?
  /// Tokens of captions in one batch, and of sequences of vectors their positions.
  public var batchTokens: Int?
  /// Captions in one batch; then the tokens do not count.
  public var batchSize: Int?
  public var accumulation: Int?
  public var learningRate: Double?
  public var warmUpSteps: Int?
  public var decay: LearningRateSchedule.Decay?
  public var weightDecay: Double?
  public var clip: Double?
  public var dropout: Float?
  public var attentionDropout: Float?
  public var feedForwardDropout: Float?
  public var labelSmoothing: Float?
  public var evaluationSteps: Int?
  public var averageCount: Int?
  public var score: Score?
  public var patience: Int?
  public var seed: UInt64?
  public var precision: ProductPrecision?

  /// Nothing asked: everything is that of the recipe.
  public init() {}
}
