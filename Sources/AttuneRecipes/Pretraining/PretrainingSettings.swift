// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors
public import AttuneTraining

/// What a user may ask of a pretraining; whatever is nil is that of the recipe.
public struct PretrainingSettings: LearningSettings {
  /// Where documents end in a file of lines.
  public enum Documents: String, Sendable, Hashable, Codable, CaseIterable {
    /// Each line is a document.
    case lines
    /// Empty lines stand between documents, as in BERT's own corpora.
    case paragraphs
  }

  /// Known settings from which the rest is taken.
  public var recipe: PretrainingRecipe?
  /// A model folder whose encoder learns on; nil: a new one learns from nothing.
  public var origin: String?
  /// A tokenizer's file or folder; nil: that of the origin, or a new one that is learned from the texts.
  public var tokenizer: String?
  public var column: String?
  public var encoding: String?
  public var delimiter: String?
  public var documents: Documents?
  /// Share of the documents that are kept for validation when there is no file for it.
  public var validationFraction: Double?

  public var vocabularySize: Int?
  /// A file of word vectors that the table of tokens starts from, in the format of GloVe or word2vec.
  public var wordVectors: String?
  /// Whether case and accents are ignored; only when a tokenizer is trained.
  public var lowercases: Bool?
  public var layers: Int?
  public var dimension: Int?
  public var heads: Int?
  public var feedForwardDimension: Int?
  /// Tokens of a window, special ones included.
  public var windowLength: Int?
  public var packing: CorpusPacking?

  /// Share of the tokens that are hidden.
  public var maskRate: Float?
  /// Share of these that become the mask token.
  public var maskShare: Float?
  /// Share of these that become random tokens.
  public var randomShare: Float?
  public var wholeWords: Bool?
  /// Whether the model also learns which text follows another.
  public var nextSentence: Bool?

  /// Seconds that the whole run may take; they become a number of steps once, after some steps were measured.
  public var budget: Double?
  public var epochs: Int?
  public var maximumSteps: Int?
  /// Tokens in one batch.
  public var batchTokens: Int?
  /// Most batches whose gradients one step sums.
  public var accumulation: Int?
  /// Share of the steps in which their batches grow from one to all.
  public var ramp: Double?
  public var learningRate: Double?
  /// Share of the steps in which the learning rate rises.
  public var warmUp: Double?
  public var decay: LearningRateSchedule.Decay?
  public var weightDecay: Double?
  public var clip: Double?
  public var dropout: Float?
  public var attentionDropout: Float?
  /// Evaluations in the whole run.
  public var evaluations: Int?
  public var patience: Int?
  public var seed: UInt64?
  public var precision: ProductPrecision?

  /// Nothing asked: everything is that of the recipe.
  public init() {}
}
