// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneModels
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// Known settings of translators.
public enum TranslatorRecipe: String, Sendable, Hashable, Codable, CaseIterable {
  /// Four layers of 128 columns: for some ten thousand pairs, where larger models do worse (Wu et al. 2021, "Good for
  /// Misconceived Reasons", who call it Transformer-tiny).
  case tiny
  /// Six encoder and three decoder layers of 256 columns: for some hundred thousand pairs.
  case small
  /// Six layers of 512 columns (Vaswani et al. 2017, base), with a short warm-up for small data.
  case base
  /// The base model with the learning rates of Vaswani et al. 2017, section 5: for millions of pairs.
  case transformer2017 = "transformer-2017"

  /// The recipe in a few words.
  public var summary: String {
    let settings = settings
    return "\(settings.layers ?? 0)+\(settings.decoderLayers ?? settings.layers ?? 0) layers of "
      + "\(settings.dimension ?? 0), \(settings.vocabularySize ?? 0) tokens, dropout "
      + "\(settings.dropout ?? 0)"
  }

  /// Every setting of the recipe.
  public var settings: TranslatorSettings {
    var settings = Self.common
    settings.recipe = self
    switch self {
    case .tiny:
      settings.set(layers: 4, dimension: 128, heads: 4, feedForward: 256, vocabulary: 6_000)
      (settings.learningRate, settings.warmUpSteps) = (5e-3, 2_000)
      (settings.dropout, settings.maximumSteps) = (0.3, 10_000)
      // In so few steps a rate that falls to nothing ends lower than the inverse root of that paper.
      (settings.batchTokens, settings.decay) = (8_192, .linear)
    case .small:
      settings.set(layers: 6, dimension: 256, heads: 4, feedForward: 1_024, vocabulary: 8_000)
      settings.decoderLayers = 3
      (settings.learningRate, settings.warmUpSteps) = (2e-3, 2_000)
      (settings.dropout, settings.maximumSteps) = (0.2, 20_000)
      settings.batchTokens = 8_192
    case .base:
      settings.set(layers: 6, dimension: 512, heads: 8, feedForward: 2_048, vocabulary: 16_000)
      (settings.learningRate, settings.warmUpSteps) = (5e-4, 4_000)
      (settings.dropout, settings.maximumSteps) = (0.1, 50_000)
      (settings.batchTokens, settings.accumulation) = (8_192, 2)
    case .transformer2017:
      settings.set(layers: 6, dimension: 512, heads: 8, feedForward: 2_048, vocabulary: 37_000)
      // d^-0.5 * warm-up^-0.5 is the peak of the paper's equation 3.
      (settings.learningRate, settings.warmUpSteps) = (6.99e-4, 4_000)
      (settings.dropout, settings.maximumSteps) = (0.1, 100_000)
      (settings.batchTokens, settings.accumulation) = (10_000, 5)
      settings.averageCount = 5
    }
    return settings
  }

  private static let common: TranslatorSettings = {
    var common = TranslatorSettings()
    common.setUsual()
    common.encoding = "utf8"
    common.validationPairs = 1_000
    common.maximumLength = 256
    common.clip = 0
    common.averageCount = 10
    common.score = .loss
    return common
  }()
}

extension TranslatorSettings {
  /// Returns the settings with everything that was left open taken from the recipe.
  public func completed() -> TranslatorSettings {
    var settings = completed(from: (recipe ?? .tiny).settings)
    if origin != nil {
      settings.clearSizes()
      settings.decoderLayers = nil
    }
    return settings
  }

  /// A new translator of these sizes.
  func configuration(vocabularySize: Int, tokens: TranslatorTokens) -> TranslatorConfiguration {
    TranslatorConfiguration(
      vocabularySize: vocabularySize, encoderLayerCount: layers ?? 4,
      decoderLayerCount: decoderLayers ?? layers ?? 4, layer: layer, tokens: tokens,
      maximumLength: maximumLength ?? 256)
  }

  /// Throws for the first setting that no training can use, whatever the recipe chooses for the others.
  func check() throws(SettingError) {
    try SettingError.require([
      ("--decoder-layers", decoderLayers, 1...1_000),
      ("--validation-pairs", validationPairs, 1...1_000_000_000),
    ])
    try checkWriting()
  }

  /// Throws for sizes that a model from elsewhere has already.
  func checkOrigin() throws(SettingError) {
    guard origin != nil else { return }
    try requireNoSizes(besides: "--from", [("--decoder-layers", decoderLayers)])
  }
}
