// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneLayers
internal import AttuneModels
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// Known settings of captioners.
public enum CaptionerRecipe: String, Sendable, Hashable, Codable, CaseIterable {
  /// Three layers of 128 columns: for some thousand short texts, such as names of pictures.
  case tiny
  /// Three layers of 256 columns: for some ten thousand captions.
  case small
  /// Six layers of 512 columns: for hundreds of thousands.
  case base

  /// The recipe in a few words.
  public var summary: String {
    let settings = settings
    return "\(settings.layers ?? 0) layers of \(settings.dimension ?? 0), "
      + "\(settings.vocabularySize ?? 0) tokens, dropout \(settings.dropout ?? 0)"
  }

  /// Every setting of the recipe.
  public var settings: CaptionerSettings {
    var settings = Self.common
    settings.recipe = self
    switch self {
    case .tiny:
      settings.set(layers: 3, dimension: 128, heads: 4, feedForward: 256, vocabulary: 1_000)
      (settings.learningRate, settings.warmUpSteps) = (2e-3, 200)
      (settings.dropout, settings.vectorDropout) = (0.3, 0.1)
      (settings.batchTokens, settings.epochs) = (512, 60)
    case .small:
      settings.set(layers: 3, dimension: 256, heads: 4, feedForward: 1_024, vocabulary: 4_000)
      (settings.learningRate, settings.warmUpSteps) = (1.5e-3, 500)
      (settings.dropout, settings.vectorDropout) = (0.3, 0.2)
      (settings.batchTokens, settings.epochs) = (4_096, 20)
    case .base:
      settings.set(layers: 6, dimension: 512, heads: 8, feedForward: 2_048, vocabulary: 10_000)
      (settings.learningRate, settings.warmUpSteps) = (5e-4, 4_000)
      (settings.dropout, settings.vectorDropout) = (0.1, 0.1)
      (settings.batchTokens, settings.epochs) = (8_192, 15)
    }
    return settings
  }

  private static let common: CaptionerSettings = {
    var common = CaptionerSettings()
    common.setUsual()
    (common.rowColumn, common.captionColumn, common.encoding) = ("row", "caption", "utf8")
    common.validationRows = 500
    common.lowercases = false
    (common.scaling, common.mappingLayers) = (.centered, 0)
    common.maximumLength = 128
    common.clip = 1
    common.averageCount = 5
    // Captions go on getting better after their loss has begun to rise.
    common.score = .cider
    return common
  }()
}

extension CaptionerSettings {
  /// Returns the settings with everything that was left open taken from the recipe.
  public func completed() -> CaptionerSettings {
    var settings = completed(from: (recipe ?? .tiny).settings)
    // Who asks for captions in a batch does not mean the tokens of the recipe.
    if batchSize != nil { settings.batchTokens = batchTokens }
    if origin != nil || decoderOrigin != nil { settings.clearSizes() }
    if origin != nil {
      (settings.scaling, settings.positions, settings.mappingLayers) = (nil, nil, nil)
    }
    return settings
  }

  /// How vectors of the training become memory.
  func vectors(dimension: Int, form: VectorForm, width: TransformerLayerSettings)
    -> VectorEncoderSettings
  {
    let mappingLayers = mappingLayers ?? 0
    let count = positions ?? (mappingLayers > 0 ? 10 : form == .vector ? 8 : 1)
    return VectorEncoderSettings(
      dimension: dimension, form: form, scaling: scaling ?? .centered,
      positionsPerVector: form == .sequence && mappingLayers > 0 ? 1 : count,
      mapping: mappingLayers == 0
        ? nil
        : VectorMappingSettings(
          constantCount: count, layerCount: mappingLayers, headCount: width.headCount,
          feedForwardDimension: width.feedForwardDimension), dropout: vectorDropout ?? 0)
  }

  /// A new captioner of these sizes.
  func configuration(
    dimension: Int, form: VectorForm, vocabularySize: Int, tokens: TranslatorTokens
  ) -> CaptionerConfiguration {
    CaptionerConfiguration(
      vectors: vectors(dimension: dimension, form: form, width: layer),
      vocabularySize: vocabularySize, decoderLayerCount: layers ?? 2, decoder: layer,
      tokens: tokens, maximumLength: maximumLength ?? 128)
  }

  /// How batches are made.
  var captionBatching: Batching {
    let steps = accumulation ?? 1
    guard let batchSize else {
      return Batching(.tokenBudget(tokens: batchTokens ?? 2_048), microBatchesPerStep: steps)
    }
    return Batching(.shuffled(examples: batchSize), microBatchesPerStep: steps)
  }

  /// Throws for the first setting that no training can use, whatever the recipe chooses for the others.
  func check() throws(SettingError) {
    try SettingError.require([
      ("--validation-rows", validationRows, 1...1_000_000_000),
      ("--positions", positions, 1...1_000), ("--mapping-layers", mappingLayers, 0...100),
      ("--batch-size", batchSize, 1...1_000_000),
    ])
    try SettingError.requireRates([("--vector-dropout", vectorDropout)])
    try SettingError.require(
      batchSize == nil || batchTokens == nil, "--batch-size", batchSize,
      "this or --batch-tokens, not both")
    try checkWriting()
  }

  /// Throws for sizes that a model or decoder from elsewhere has already.
  func checkOrigin() throws(SettingError) {
    if origin != nil {
      try requireNoSizes(
        besides: "--from",
        [
          ("--decoder-from", decoderOrigin), ("--scaling", scaling), ("--positions", positions),
          ("--mapping-layers", mappingLayers),
        ])
    } else if decoderOrigin != nil {
      try requireNoSizes(besides: "--decoder-from")
    }
  }
}
