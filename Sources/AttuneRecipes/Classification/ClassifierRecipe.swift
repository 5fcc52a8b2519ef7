// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers
public import AttuneModels
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// What the data say about the choice of a recipe.
public struct ClassificationDataSize: Sendable, Hashable {
  /// Training examples.
  public let exampleCount: Int
  /// Mean length of the texts, in words.
  public let meanWords: Double
  /// Share of the texts with more than 190 words, about 256 tokens.
  public let longShare: Double

  /// Sizes of a data set.
  public init(exampleCount: Int, meanWords: Double, longShare: Double) {
    self.exampleCount = exampleCount
    self.meanWords = meanWords
    self.longShare = longShare
  }
}

extension ClassifierSettings {
  /// Returns the settings with everything chosen that trains a small encoder from nothing.
  ///
  /// Small data need strong dropout, of whole tokens above all, and many passes; long reviews are told apart by their words, and
  /// one narrow layer over the whole text does better than more layers over its beginning.
  public func completed(forScratch size: ClassificationDataSize) -> ClassifierSettings {
    var chosen = ClassifierSettings()
    let isLong = size.meanWords > 60
    chosen.maximumLength = largestWindow ?? (size.longShare > 0.1 ? 512 : 256)
    chosen.headRateFactor = 1
    chosen.learningRate = 1e-3
    chosen.warmUp = 0.1
    chosen.attentionDropout = 0
    (chosen.pooling, chosen.normPlacement, chosen.positions) = (.mean, .post, .learned)
    chosen.lowercases = true
    var batchTokens = 1024.0
    switch (size.exampleCount, isLong) {
    case (..<5_000, _):
      chosen.set(
        layers: 2, dimension: 64, vocabulary: 4_000, epochs: 20, patience: 7, hidden: 0.5,
        dropout: 0.4)
    case (..<20_000, _):
      chosen.set(
        layers: 2, dimension: 64, vocabulary: 4_000, epochs: 10, patience: 5, hidden: 0.5,
        dropout: 0.4)
    case (_, false):
      chosen.set(
        layers: 2, dimension: 128, vocabulary: 8_000, epochs: 5, patience: 3, hidden: 0.4,
        dropout: 0.3)
      chosen.learningRate = 5e-4
      batchTokens = 2_048
    case (_, true):
      chosen.set(
        layers: 1, dimension: 64, vocabulary: 8_000, epochs: 5, patience: 3, hidden: 0.4,
        dropout: 0.3)
      batchTokens = 8_192
    }
    // About 1.35 pieces a word with such vocabularies.
    let meanTokens = min(size.meanWords * 1.35 + 2, Double(chosen.maximumLength ?? 256))
    chosen.batchSize = min(256, max(8, Int((batchTokens / meanTokens).rounded())))
    return merged(over: chosen).merged(over: .common(task ?? .singleLabel))
  }

  /// Returns the settings with everything chosen that fine-tunes a pretrained encoder.
  ///
  /// A new head learns ten times as fast as the encoder, which knows most already; one that is kept learns as fast.
  public func completed(
    forPretrained configuration: ClassifierConfiguration, keepsHead: Bool = false
  ) -> ClassifierSettings {
    let encoder = configuration.encoder
    var chosen = ClassifierSettings()
    chosen.maximumLength = largestWindow ?? min(256, encoder.maximumLength)
    chosen.epochs = 3
    chosen.patience = 0
    chosen.batchSize = 32
    chosen.learningRate = 5e-5
    chosen.headRateFactor = keepsHead ? 1 : 10
    chosen.warmUp = 0.06
    chosen.dropout = encoder.layer.dropout
    chosen.attentionDropout = encoder.layer.attentionDropout
    chosen.headDropout = configuration.headDropout
    chosen.tokenDropout = 0
    return merged(over: chosen).merged(over: .common(task ?? .singleLabel))
  }

  /// Returns the settings with everything chosen that learns from few examples: a pretrained encoder from pairs of texts, at a higher
  /// rate than with a head since there is nothing new in the model.
  public func completed(forFewShot configuration: ClassifierConfiguration) -> ClassifierSettings {
    var chosen = ClassifierSettings()
    chosen.batchSize = 16
    chosen.learningRate = 1e-4
    // Epochs would be few steps with the fewest examples and many with more.
    if epochs == nil { chosen.maximumSteps = 30 }
    chosen.warmUp = 0.1
    var completed = merged(over: chosen).completed(forPretrained: configuration)
    // A head that does not learn by steps has no rate.
    completed.headRateFactor = nil
    return completed
  }

  private mutating func set(
    layers: Int, dimension: Int, vocabulary: Int, epochs: Int, patience: Int, hidden: Float,
    dropout: Float
  ) {
    (self.layers, self.dimension, vocabularySize) = (layers, dimension, vocabulary)
    (self.epochs, self.patience) = (epochs, patience)
    (tokenDropout, self.dropout, headDropout) = (hidden, dropout, dropout)
  }

  private static func common(_ task: ClassificationTask) -> ClassifierSettings {
    var common = ClassifierSettings()
    common.textColumns = []
    common.task = task
    common.layerDecay = 1
    common.frozen = []
    common.encoding = "utf8"
    common.validationFraction = 0.1
    common.trainingWindows = .random
    common.accumulation = 1
    common.decay = .linear
    common.weightDecay = 0.01
    common.fewShot = .auto
    common.clip = 1
    common.labelSmoothing = 0
    common.classWeight = ClassWeighting.none
    common.score = task.usualScore
    common.tunesThresholds = task == .multiLabel
    common.seed = 0
    common.precision = .float32
    return common
  }

  /// Sizes that follow from others: heads of 32 columns, a feed-forward net of four times the width.
  var headCount: Int { heads ?? max(1, (dimension ?? 64) / 32) }

  /// A new classifier of these sizes.
  func configuration(
    vocabularySize: Int, labels: [String], task: ClassificationTask
  ) -> ClassifierConfiguration {
    let dimension = dimension ?? 64
    let layer = TransformerLayerSettings(
      modelDimension: dimension, headCount: headCount,
      feedForwardDimension: feedForwardDimension ?? 4 * dimension,
      normPlacement: normPlacement ?? .post, dropout: dropout ?? 0.1,
      attentionDropout: attentionDropout ?? 0)
    return ClassifierConfiguration(
      encoder: EncoderConfiguration(
        vocabularySize: vocabularySize, layerCount: layers ?? 2, layer: layer,
        positions: positions ?? .learned, maximumLength: maximumLength ?? 256,
        embeddingDeviation: 0.1),
      pooling: pooling ?? .mean, hasPooler: false, headDropout: headDropout ?? 0.1, labels: labels,
      task: task)
  }

  /// The window that was asked for, which then is all that the model sees at once.
  private var largestWindow: Int? { window.flatMap { $0 > 0 ? $0 : nil } }

  /// How texts longer than what the model sees are read; nil: they are cut.
  var windowing: Windowing? {
    guard window ?? 0 > 0 || stride != nil && window != 0 else { return nil }
    return Windowing(length: largestWindow ?? maximumLength ?? 256, stride: stride)
  }

  /// How long and how a model is trained.
  var plan: TrainingPlan {
    TrainingPlan(
      length: maximumSteps.map { .steps($0) } ?? .epochs(epochs ?? 3),
      batching: Batching(
        .shuffled(examples: batchSize ?? 32), microBatchesPerStep: accumulation ?? 1),
      schedule: LearningRateSchedule(
        peak: learningRate ?? 1e-3, decay: decay ?? .linear, warmUp: .share(warmUp ?? 0.1)),
      gradientNormBound: clip == 0 ? nil : clip ?? 1, seed: seed ?? 0,
      patience: patience == 0 ? nil : patience, precision: precision ?? .float32)
  }
}

extension ClassificationTask {
  /// The scores that the task has, the usual one first.
  var scores: [EvaluationScore] {
    switch self {
    case .singleLabel: [.accuracy, .macroF1]
    case .ordinal: [.meanAbsoluteError, .accuracy, .macroF1, .quadraticKappa]
    case .multiLabel: [.microF1, .macroF1, .exactMatch]
    case .regression: [.meanAbsoluteError, .rootMeanSquaredError, .pearson, .spearman]
    }
  }

  /// What decides which model is the best, unless the user says.
  var usualScore: EvaluationScore { scores[0] }
}
