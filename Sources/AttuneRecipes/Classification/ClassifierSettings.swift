// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneModels
public import AttuneTensors
public import AttuneTraining

/// What a user may ask of a classifier's training; whatever is nil is chosen by the data.
public struct ClassifierSettings: LearningSettings {
  /// Weights of the classes in the loss.
  public enum ClassWeighting: String, Sendable, Hashable, Codable, CaseIterable {
    /// All examples count the same.
    case none
    /// All classes count the same: an example weighs inversely to how frequent its label is.
    case balanced
  }

  /// What of a teacher's states is learned from.
  public enum HiddenStates: String, Sendable, Hashable, Codable, CaseIterable {
    /// Nothing: its answers alone.
    case none
    /// The vector of a text that its labels are told by.
    case pooled
    /// The states of all tokens behind the layers; student and teacher must read the same tokens.
    case layers
  }

  /// Which windows of a text that is longer than one are learned from; in validation all of them count.
  public enum TrainingWindows: String, Sendable, Hashable, Codable, CaseIterable {
    /// Each, as a text of its own with the label of the whole.
    case all
    /// The first one.
    case first
    /// One, drawn anew in each epoch.
    case random
  }

  /// Whether a pretrained encoder learns from pairs of texts first, and its head in one go at the end.
  public enum FewShotChoice: String, Sendable, Hashable, Codable, CaseIterable {
    /// Where that is measured to be better: with few texts a label.
    case auto
    case on
    case off
  }

  public var textColumns: [String]?
  public var labelColumn: String?
  /// What the outputs mean.
  public var task: ClassificationTask?
  /// What stands between the labels of a field that holds several.
  public var labelSeparator: String?
  /// Columns of one label each, that say whether it holds.
  public var labelColumns: [String]?
  /// Ordered labels from the lowest to the highest.
  public var labelOrder: [String]?
  public var encoding: String?
  public var delimiter: String?
  /// Share of each label that is kept for validation when there is no file for it.
  public var validationFraction: Double?

  public var layers: Int?
  public var dimension: Int?
  public var heads: Int?
  public var feedForwardDimension: Int?
  public var vocabularySize: Int?
  /// A file of word vectors that the table of tokens starts from, in the format of GloVe or word2vec.
  public var wordVectors: String?
  /// Most tokens of a text, special ones included.
  public var maximumLength: Int?
  /// Tokens of the windows that longer texts are read by; 0: they are cut at `maximumLength`.
  public var window: Int?
  /// Tokens from the beginning of a window to that of the next.
  public var stride: Int?
  /// Which windows of a long text are learned from.
  public var trainingWindows: TrainingWindows?
  public var pooling: PoolingKind?
  public var normPlacement: NormPlacement?
  public var positions: PositionKind?
  /// Whether case and accents are ignored; only when a tokenizer is trained.
  public var lowercases: Bool?

  /// How few examples are learned from.
  public var fewShot: FewShotChoice?
  public var epochs: Int?
  /// Steps of the whole run; then the number of epochs does not count.
  public var maximumSteps: Int?
  /// Texts in one batch.
  public var batchSize: Int?
  /// Batches whose gradients one step sums.
  public var accumulation: Int?
  public var learningRate: Double?
  /// Factor of the learning rate of the head.
  public var headRateFactor: Double?
  /// Rate of a layer over that of the layer above it; 1: all learn alike.
  public var layerDecay: Double?
  /// Beginnings of the names of parameters that keep their values.
  public var frozen: [String]?
  public var decay: LearningRateSchedule.Decay?
  /// Share of the steps in which the learning rate rises.
  public var warmUp: Double?
  public var weightDecay: Double?
  /// Bound of the gradient's norm; 0: none.
  public var clip: Double?
  public var dropout: Float?
  public var attentionDropout: Float?
  public var headDropout: Float?
  /// Share of the tokens that are hidden in training.
  public var tokenDropout: Float?
  public var labelSmoothing: Float?
  public var classWeight: ClassWeighting?
  /// What decides which model is the best.
  public var score: EvaluationScore?
  /// Whether the thresholds of labels that may hold together are fitted to the validation texts.
  public var tunesThresholds: Bool?
  /// Epochs without a better score after which training ends; 0: it never ends early.
  public var patience: Int?
  public var seed: UInt64?
  /// What products are computed in; weights and sums stay Float32.
  public var precision: ProductPrecision?

  /// Files of texts without labels that a teacher is asked about too.
  public var unlabelled: [String]?
  /// What logits are divided by where a student learns from a teacher's.
  public var temperature: Double?
  /// Share of the label in what a student is told of a labelled text.
  public var labelShare: Double?
  /// What of a teacher's states is learned from.
  public var hiddenStates: HiddenStates?
  /// How much that counts.
  public var hiddenWeight: Double?

  /// Nothing asked: everything is chosen by the data.
  public init() {}
}
