// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneModels
internal import AttuneTensors
internal import AttuneTraining

/// Known sizes of encoders and how they learn.
public enum PretrainingRecipe: String, Sendable, Hashable, Codable, CaseIterable {
  /// BERT-tiny of Turc et al. 2019.
  case tiny
  /// BERT-mini of Turc et al. 2019.
  case mini
  /// BERT-small of Turc et al. 2019.
  case small
  /// BERT-medium of Turc et al. 2019.
  case medium
  /// ModernBERT's make (Warner et al. 2024), of the cost of BERT-mini.
  case modern

  /// The recipe in a few words.
  public var summary: String {
    let settings = settings
    return "\(settings.layers ?? 0) layers of \(settings.dimension ?? 0), "
      + "\(settings.vocabularySize ?? 0) tokens"
      + (self == .modern
        ? ", rotary positions, gates, norms in front; hides \(Int(100 * (settings.maskRate ?? 0))) %"
        : "")
  }

  /// Every setting of the recipe.
  public var settings: PretrainingSettings {
    var settings = Self.common
    settings.recipe = self
    switch self {
    case .tiny: settings.set(layers: 2, dimension: 128, vocabulary: 8_000, rate: 2e-3)
    case .mini: settings.set(layers: 4, dimension: 256, vocabulary: 16_000, rate: 1e-3)
    case .small: settings.set(layers: 4, dimension: 512, vocabulary: 16_000, rate: 7e-4)
    case .medium: settings.set(layers: 8, dimension: 512, vocabulary: 16_000, rate: 5e-4)
    case .modern:
      settings.set(layers: 6, dimension: 256, vocabulary: 16_000, rate: 1e-3)
      // As in ModernBERT, whose feed-forward nets are 1.5 times as wide as the states and whose authors hide 30 %.
      settings.feedForwardDimension = 384
      settings.maskRate = 0.3
    }
    return settings
  }

  private static let common: PretrainingSettings = {
    var common = PretrainingSettings()
    common.encoding = "utf8"
    common.documents = .lines
    common.validationFraction = 0.01
    common.lowercases = true
    common.windowLength = 256
    common.packing = .continuous
    common.maskRate = 0.15
    (common.maskShare, common.randomShare) = (0.8, 0.1)
    (common.wholeWords, common.nextSentence) = (false, false)
    (common.batchTokens, common.accumulation, common.ramp) = (4_096, 4, 0.6)
    (common.warmUp, common.decay) = (0.06, .linear)
    (common.weightDecay, common.clip) = (0.01, 1)
    // Hidden tokens change each time, so that nothing is learned by heart (Geiping and Goldstein 2023, section 4.2).
    (common.dropout, common.attentionDropout) = (0, 0)
    (common.evaluations, common.patience) = (20, 0)
    common.seed = 0
    common.precision = .float32
    return common
  }()
}

extension PretrainingSettings {
  /// Returns the settings with everything that was left open taken from the recipe.
  ///
  /// - Parameter encoder: The encoder that learns on; it has its sizes, and learns more slowly than a new one.
  func completed(from encoder: EncoderConfiguration? = nil) -> PretrainingSettings {
    var chosen = (recipe ?? .mini).settings
    if let encoder {
      chosen.clearSizes()
      chosen.learningRate = 1e-4
      chosen.windowLength = min(256, encoder.maximumLength)
    }
    // Who asks for another width does not mean the heads of the recipe.
    if dimension != nil { (chosen.heads, chosen.feedForwardDimension) = (nil, nil) }
    if nextSentence == true { chosen.packing = .documents }
    if epochs == nil, maximumSteps == nil, budget == nil { chosen.epochs = encoder == nil ? 5 : 2 }
    return merged(over: chosen)
  }

  fileprivate mutating func set(layers: Int, dimension: Int, vocabulary: Int, rate: Double) {
    (self.layers, self.dimension, vocabularySize) = (layers, dimension, vocabulary)
    (heads, feedForwardDimension, learningRate) = (dimension / 64, 4 * dimension, rate)
  }

  private mutating func clearSizes() {
    (recipe, layers, dimension, heads) = (nil, nil, nil, nil)
    (feedForwardDimension, vocabularySize, lowercases) = (nil, nil, nil)
  }

  /// A new encoder of these sizes; the rates of dropout are those that a fine-tuning begins with.
  func configuration(vocabularySize: Int, paddingID: Int) -> EncoderConfiguration {
    let (layers, dimension, window) = (layers ?? 4, dimension ?? 256, windowLength ?? 256)
    let heads = heads ?? max(1, dimension / 64)
    guard recipe != .modern else {
      // Rotary positions need no training, so texts may be longer than windows.
      return .modern(
        vocabularySize: vocabularySize, layerCount: layers, modelDimension: dimension,
        headCount: heads, feedForwardDimension: feedForwardDimension ?? 3 * dimension / 2,
        maximumLength: max(512, window), paddingID: paddingID)
    }
    return EncoderConfiguration(
      vocabularySize: vocabularySize, layerCount: layers,
      layer: TransformerLayerSettings(
        modelDimension: dimension, headCount: heads,
        feedForwardDimension: feedForwardDimension ?? 4 * dimension),
      maximumLength: window, paddingID: paddingID)
  }

  /// How much is hidden, and how.
  var masking: TokenMasking.Settings {
    TokenMasking.Settings(
      rate: maskRate ?? 0.15, maskShare: maskShare ?? 0.8, randomShare: randomShare ?? 0.1,
      wholeWords: wholeWords ?? false)
  }

  /// How long and how a model is trained.
  ///
  /// - Parameters:
  ///   - steps: Steps of the whole run.
  ///   - meanLength: Tokens of a window.
  func plan(steps: Int, meanLength: Double) -> TrainingPlan {
    let windows = max(1, Int((Double(batchTokens ?? 4_096) / meanLength).rounded()))
    let interval = max(1, steps / max(1, evaluations ?? 20))
    var plan = TrainingPlan(
      length: .steps(steps),
      batching: Batching(.shuffled(examples: windows), microBatchesPerStep: accumulation ?? 4),
      schedule: LearningRateSchedule(
        peak: learningRate ?? 1e-3, decay: decay ?? .linear, warmUp: .share(warmUp ?? 0.06)),
      gradientNormBound: clip == 0 ? nil : clip ?? 1, seed: seed ?? 0,
      evaluation: .steps(interval), checkpoint: .steps(min(interval, Self.stepsBetweenCheckpoints)),
      patience: patience == 0 ? nil : patience, precision: precision ?? .float32)
    plan.ramp = BatchRamp(share: ramp ?? 0.6)
    return plan
  }

  /// Often enough that a crash costs minutes.
  private static var stepsBetweenCheckpoints: Int { 1_000 }

  /// Throws for the first setting that no training can use, whatever the recipe chooses for the others.
  func check() throws(SettingError) {
    try checkLearning()
    try SettingError.require([
      ("--layers", layers, 1...1_000), ("--dimension", dimension, 2...100_000),
      ("--heads", heads, 1...10_000), ("--feed-forward", feedForwardDimension, 1...1_000_000),
      ("--vocabulary", vocabularySize, 10...10_000_000), ("--window", windowLength, 8...100_000),
      ("--batch-tokens", batchTokens, 8...10_000_000),
      ("--evaluations", evaluations, 1...1_000_000),
    ])
    for (name, share) in [
      ("--warm-up", warmUp), ("--ramp", ramp), ("--mask-share", maskShare.map(Double.init)),
      ("--random-share", randomShare.map(Double.init)),
    ] {
      try SettingError.require(
        share.map { $0 >= 0 && $0 <= 1 } ?? true, name, share, "a share from 0 to 1")
    }
    try SettingError.require(
      (maskShare ?? 0.8) + (randomShare ?? 0.1) <= 1.000_001, "--mask-share and --random-share",
      (maskShare ?? 0.8) + (randomShare ?? 0.1), "shares that come to 1 at most")
    try SettingError.require(
      maskRate.map { $0 > 0 && $0 <= 1 } ?? true, "--mask-rate", maskRate,
      "a share above 0, 1 at most")
    try SettingError.require(
      validationFraction.map { $0 > 0 && $0 < 1 } ?? true, "--validation-share",
      validationFraction, "a share between 0 and 1")
    try SettingError.require(
      budget.map { $0 >= 1 && $0 <= 1e8 } ?? true, "--budget", budget, "1 s to some years")
  }

  /// Throws when settings do not fit each other.
  func checkTogether() throws(SettingError) {
    let (dimension, heads) = (dimension ?? 64, heads ?? 1)
    let unit = recipe == .modern ? 2 * heads : heads
    try SettingError.require(
      dimension.isMultiple(of: unit), "--heads", heads,
      "a divisor of the dimension \(dimension)"
        + (recipe == .modern ? " that leaves each head an even width" : ""))
    try SettingError.require(
      nextSentence != true || packing != .continuous, "--packing", packing?.rawValue,
      "documents, from which pairs of texts are made (--next-sentence)")
  }
}
