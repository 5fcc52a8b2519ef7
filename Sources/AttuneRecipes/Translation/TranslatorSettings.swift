// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors
public import AttuneTokenizers
public import AttuneTraining

/// What a user may ask of a translator's training; whatever is nil is that of the recipe.
public struct TranslatorSettings: WriterSettings {
  /// What decides which model is the best.
  public enum Score: String, Sendable, Hashable, Codable, CaseIterable {
    /// Cross-entropy of the validation targets.
    case loss
    /// BLEU of greedy translations of the validation sources, with the tokens of mteval-v13a and case.
    case bleu
  }

  /// Known settings from which the rest is taken.
  public var recipe: TranslatorRecipe?
  /// The folder of a translator that the training goes on with.
  public var origin: String?
  public var sourceColumn: String?
  public var targetColumn: String?
  public var encoding: String?
  /// Pairs that are kept for validation when there is no file for it.
  public var validationPairs: Int?

  /// How the pieces of both languages are learned and found.
  public var tokenizer: SentencePieceTrainer.Algorithm?
  /// Tokens of the vocabulary that both languages share.
  public var vocabularySize: Int?
  /// A file of word vectors that the table of tokens starts from, in the format of GloVe or word2vec.
  public var wordVectors: String?
  /// Layers of the encoder, and of the decoder unless that is told apart.
  public var layers: Int?
  public var decoderLayers: Int?
  public var dimension: Int?
  public var heads: Int?
  public var feedForwardDimension: Int?
  public var normPlacement: NormPlacement?
  /// Most tokens of a source and of a target, the end included; longer pairs are not learned from.
  public var maximumLength: Int?

  public var epochs: Int?
  /// Steps of the whole run; then the number of epochs does not count.
  public var maximumSteps: Int?
  /// Tokens of sources and targets in one batch.
  public var batchTokens: Int?
  /// Batches whose gradients one step sums.
  public var accumulation: Int?
  public var learningRate: Double?
  /// Steps in which the learning rate rises.
  public var warmUpSteps: Int?
  public var decay: LearningRateSchedule.Decay?
  public var weightDecay: Double?
  /// Bound of the gradient's norm; 0: none.
  public var clip: Double?
  public var dropout: Float?
  public var attentionDropout: Float?
  public var feedForwardDropout: Float?
  public var labelSmoothing: Float?
  /// Steps between two evaluations; nil: one after each epoch.
  public var evaluationSteps: Int?
  /// Models after the last evaluations whose mean is judged and written; 1: the last one.
  public var averageCount: Int?
  public var score: Score?
  /// Evaluations without a better score after which training ends; 0: it never ends early.
  public var patience: Int?
  public var seed: UInt64?
  /// What products are computed in; weights and sums stay Float32.
  public var precision: ProductPrecision?

  /// Nothing asked: everything is that of the recipe.
  public init() {}
}
