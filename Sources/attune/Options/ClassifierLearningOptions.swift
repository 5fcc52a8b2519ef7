// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes
import AttuneTraining

/// How a classifier learns.
struct ClassifierLearningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Whether the encoder of --from learns from pairs of texts and its head is fitted in the end (default: auto, with few texts a label).",
      valueName: "choice"))
  var fewShot: ClassifierSettings.FewShotChoice?

  @Option(help: ArgumentHelp("Passes over the data.", valueName: "count"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp("Steps in all, whatever the passes come to.", valueName: "count"))
  var maxSteps: Int?

  @Option(help: ArgumentHelp("Texts in a batch.", valueName: "count"))
  var batchSize: Int?

  @Option(help: ArgumentHelp("Batches whose gradients one step sums.", valueName: "count"))
  var accumulate: Int?

  @Option(help: ArgumentHelp("Highest learning rate.", valueName: "rate"))
  var learningRate: Double?

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

  @Option(help: ArgumentHelp("How the rate falls after that.", valueName: "shape"))
  var decay: LearningRateSchedule.Decay?

  @Option(help: ArgumentHelp("Decay of the weights.", valueName: "rate"))
  var weightDecay: Double?

  @Option(help: ArgumentHelp("Bound of the gradient's norm; 0: none.", valueName: "norm"))
  var clip: Double?

  @Option(help: ArgumentHelp("Dropout of states.", valueName: "rate"))
  var dropout: Float?

  @Option(help: ArgumentHelp("Dropout of attention.", valueName: "rate"))
  var attentionDropout: Float?

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

  @Option(
    help: ArgumentHelp(
      "Epochs without a better score before it ends; 0: never.", valueName: "count"))
  var patience: Int?

  @Option(help: ArgumentHelp("Seed of all that is drawn.", valueName: "number"))
  var seed: UInt64?

  @OptionGroup var precision: TrainingPrecisionOption

  func apply(to settings: inout ClassifierSettings) {
    (settings.epochs, settings.batchSize, settings.accumulation) = (epochs, batchSize, accumulate)
    (settings.fewShot, settings.maximumSteps) = (fewShot, maxSteps)
    (settings.learningRate, settings.headRateFactor) = (learningRate, headRateFactor)
    settings.layerDecay = layerDecay
    settings.frozen = freeze.isEmpty ? nil : freeze
    (settings.warmUp, settings.decay, settings.weightDecay) = (warmUp, decay, weightDecay)
    (settings.clip, settings.dropout, settings.attentionDropout) = (clip, dropout, attentionDropout)
    (settings.headDropout, settings.tokenDropout) = (headDropout, tokenDropout)
    (settings.labelSmoothing, settings.classWeight) = (labelSmoothing, classWeight)
    (settings.score, settings.patience, settings.seed) = (score, patience, seed)
    settings.precision = precision.precision
  }
}
