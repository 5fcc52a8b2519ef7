// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneModels
internal import AttuneTensors
public import AttuneTokenizers
internal import AttuneTraining

/// The settings of every training of a transformer that writes texts; whatever is nil is that of the recipe.
public protocol WriterSettings: LearningSettings {
  /// How the pieces of words are learned and found.
  var tokenizer: SentencePieceTrainer.Algorithm? { get set }
  /// File of word vectors that the vectors of tokens start from.
  var wordVectors: String? { get set }
  /// Tokens of the vocabulary.
  var vocabularySize: Int? { get set }
  /// Layers.
  var layers: Int? { get set }
  /// Width of the states.
  var dimension: Int? { get set }
  /// Heads of the attention.
  var heads: Int? { get set }
  /// Width inside the feed-forward networks.
  var feedForwardDimension: Int? { get set }
  /// Where norms stand.
  var normPlacement: NormPlacement? { get set }
  /// Most tokens of a text, the end included.
  var maximumLength: Int? { get set }
  /// Tokens in one batch.
  var batchTokens: Int? { get set }
  /// Steps in which the learning rate rises.
  var warmUpSteps: Int? { get set }
  /// Dropout inside the feed-forward networks.
  var feedForwardDropout: Float? { get set }
  /// Share of a token that goes to the whole vocabulary.
  var labelSmoothing: Float? { get set }
  /// Steps between two evaluations; nil: one after each epoch.
  var evaluationSteps: Int? { get set }
  /// Models after the last evaluations whose mean is judged and written; 1: the last one.
  var averageCount: Int? { get set }
}

extension WriterSettings {
  /// The layers of these sizes.
  var layer: TransformerLayerSettings {
    var layer = TransformerLayerSettings(
      modelDimension: dimension ?? 128, headCount: heads ?? 4,
      feedForwardDimension: feedForwardDimension ?? 256, activation: .relu,
      normPlacement: normPlacement ?? .post, epsilon: TranslatorConfiguration.marianEpsilon,
      dropout: dropout ?? 0.1, attentionDropout: attentionDropout ?? 0)
    layer.feedForwardDropout = feedForwardDropout ?? 0
    return layer
  }

  /// How long and how a model is trained.
  var plan: TrainingPlan {
    TrainingPlan(
      length: maximumSteps.map { .steps($0) } ?? .epochs(epochs ?? 50),
      batching: Batching(
        .tokenBudget(tokens: batchTokens ?? 8_192), microBatchesPerStep: accumulation ?? 1),
      schedule: LearningRateSchedule(
        peak: learningRate ?? 1e-3, decay: decay ?? .inverseSquareRoot,
        warmUp: .steps(warmUpSteps ?? 2_000)),
      gradientNormBound: clip == 0 ? nil : clip, seed: seed ?? 0,
      evaluation: evaluationSteps.map { .steps($0) } ?? .everyEpoch,
      checkpoint: evaluationSteps.map { .steps($0) } ?? .everyEpoch,
      patience: patience == 0 ? nil : patience, precision: precision ?? .float32)
  }

  /// The optimizer of Vaswani et al. 2017, section 5.3.
  var optimizer: AdamW.Settings {
    AdamW.Settings(weightDecay: weightDecay ?? 0, beta1: 0.9, beta2: 0.98, epsilon: 1e-9)
  }

  /// Returns these settings, and what they leave open as a recipe has it.
  func completed(from recipe: Self) -> Self {
    var settings = merged(over: recipe)
    // Who asks for epochs does not mean the steps of the recipe.
    if epochs != nil, maximumSteps == nil { settings.maximumSteps = nil }
    return settings
  }

  /// Throws for the first of these settings that no training can use, whatever the recipe chooses for the others.
  func checkWriting() throws(SettingError) {
    try SettingError.require([
      ("--layers", layers, 1...1_000), ("--dimension", dimension, 1...100_000),
      ("--heads", heads, 1...10_000), ("--feed-forward", feedForwardDimension, 1...1_000_000),
      ("--average", averageCount, 1...1_000),
      ("--evaluate-every", evaluationSteps, 1...1_000_000_000),
      ("--vocabulary", vocabularySize, 100...1_000_000), ("--max-length", maximumLength, 8...8_192),
      ("--batch-tokens", batchTokens, 16...10_000_000),
      ("--warm-up", warmUpSteps, 0...1_000_000_000),
    ])
    try SettingError.requireRates([
      ("--feed-forward-dropout", feedForwardDropout), ("--label-smoothing", labelSmoothing),
    ])
    try checkLearning()
  }

  /// Throws when sizes do not fit each other.
  func checkSizes() throws(SettingError) {
    try SettingError.require(
      (dimension ?? 128).isMultiple(of: heads ?? 4), "--heads", heads,
      "a number that divides the dimension, \(dimension ?? 128)")
  }

  /// Learns the tokenizer of texts.
  func trainTokenizers(
    on texts: some Sequence<String>, _ monitor: RecipeMonitor
  ) throws -> TranslationTokenizers {
    // End, unknown token and padding are not pieces.
    let trainer = SentencePieceTrainer(
      tokenizer ?? .unigram, pieceCount: (vocabularySize ?? 6_000) - 3)
    let model = try trainer.train(on: texts, sharing: ParallelWork()) { _ in
      try monitor.checkForStop()
    }
    let tokenizers = try TranslationTokenizers(jointModel: model, maximumLength: maximumLength)
    monitor.note("tokenizer: \(tokenizers.vocabulary.count.grouped) tokens")
    return tokenizers
  }

  /// Sets what all recipes have in common.
  mutating func setUsual() {
    tokenizer = .unigram
    normPlacement = .post
    accumulation = 1
    decay = .inverseSquareRoot
    weightDecay = 0
    (attentionDropout, feedForwardDropout) = (0, 0)
    labelSmoothing = 0.1
    patience = 10
    seed = 0
    precision = .float32
  }

  /// Sets the sizes of a recipe.
  mutating func set(
    layers: Int, dimension: Int, heads: Int, feedForward: Int, vocabulary: Int
  ) {
    (self.layers, self.dimension, self.heads) = (layers, dimension, heads)
    (feedForwardDimension, vocabularySize) = (feedForward, vocabulary)
  }
}

extension TranslatorTokens {
  /// The tokens of a new model, which starts with the padding, as Marian does.
  init(_ tokenizer: LanguageTokenizer) {
    self.init(start: tokenizer.padID, end: tokenizer.endID, padding: tokenizer.padID)
  }
}
