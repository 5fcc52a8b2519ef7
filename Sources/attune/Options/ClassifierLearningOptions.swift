// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes
import AttuneTraining

/// How a classifier learns.
struct ClassifierLearningOptions: ParsableArguments {
  @OptionGroup var common: LearningOptions

  @Option(
    help: ArgumentHelp(
      "Whether the encoder of --from learns from pairs of texts and its head is fitted in the end (default: auto, with few texts a label).",
      valueName: "choice"))
  var fewShot: ClassifierSettings.FewShotChoice?

  @Option(help: ArgumentHelp("Texts in a batch.", valueName: "count"))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp(
      "Factor of the head's learning rate (default: 10 for a new head on a pretrained encoder, else 1).",
      valueName: "factor"))
  var headRateFactor: Double?

  @Option(
    help: ArgumentHelp(
      "Rate of a layer over that of the layer above it, down to the embeddings (default: 1).",
      valueName: "factor"))
  var layerDecay: Double?

  @Option(
    help: ArgumentHelp(
      "Part of the model that stays as it is, such as embeddings, layers.0 or encoder; may be repeated.",
      valueName: "part"))
  var freeze: [String] = []

  @Option(help: ArgumentHelp("Share of the steps in which the rate rises.", valueName: "share"))
  var warmUp: Double?

  @Option(help: ArgumentHelp("Dropout before the classifier.", valueName: "rate"))
  var headDropout: Float?

  @Option(help: ArgumentHelp("Share of the tokens that are hidden.", valueName: "rate"))
  var tokenDropout: Float?

  @Option(help: ArgumentHelp("Share of a label that goes to all labels.", valueName: "rate"))
  var labelSmoothing: Float?

  @Option(help: ArgumentHelp("Whether rare labels weigh more.", valueName: "weighting"))
  var classWeight: ClassifierSettings.ClassWeighting?

  @Option(help: ArgumentHelp("What decides which model is the best.", valueName: "score"))
  var score: EvaluationScore?

  func apply(to settings: inout ClassifierSettings) {
    common.apply(to: &settings)
    (settings.fewShot, settings.batchSize, settings.warmUp) = (fewShot, batchSize, warmUp)
    (settings.headRateFactor, settings.layerDecay) = (headRateFactor, layerDecay)
    settings.frozen = freeze.isEmpty ? nil : freeze
    (settings.headDropout, settings.tokenDropout) = (headDropout, tokenDropout)
    (settings.labelSmoothing, settings.classWeight) = (labelSmoothing, classWeight)
    settings.score = score
  }
}
