// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes
import AttuneTraining

/// How a classifier learns.
struct ClassifierLearningOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Passes over the data.", valueName: "count"))
  var epochs: Int?

  @Option(help: ArgumentHelp("Texts in a batch.", valueName: "count"))
  var batchSize: Int?

  @Option(help: ArgumentHelp("Batches whose gradients one step sums.", valueName: "count"))
  var accumulate: Int?

  @Option(help: ArgumentHelp("Highest learning rate.", valueName: "rate"))
  var learningRate: Double?

  @Option(help: ArgumentHelp("Factor of the head's learning rate.", valueName: "factor"))
  var headRateFactor: Double?

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
  var score: ClassifierSettings.Score?

  @Option(
    help: ArgumentHelp(
      "Epochs without a better score before it ends; 0: never.", valueName: "count"))
  var patience: Int?

  @Option(help: ArgumentHelp("Seed of all that is drawn.", valueName: "number"))
  var seed: UInt64?

  func apply(to settings: inout ClassifierSettings) {
    (settings.epochs, settings.batchSize, settings.accumulation) = (epochs, batchSize, accumulate)
    (settings.learningRate, settings.headRateFactor) = (learningRate, headRateFactor)
    (settings.warmUp, settings.decay, settings.weightDecay) = (warmUp, decay, weightDecay)
    (settings.clip, settings.dropout, settings.attentionDropout) = (clip, dropout, attentionDropout)
    (settings.headDropout, settings.tokenDropout) = (headDropout, tokenDropout)
    (settings.labelSmoothing, settings.classWeight) = (labelSmoothing, classWeight)
    (settings.score, settings.patience, settings.seed) = (score, patience, seed)
  }
}
