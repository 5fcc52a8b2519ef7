// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes
import AttuneTensors
import AttuneTraining

/// How every training by steps goes.
struct LearningOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Passes over the data.", valueName: "count"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp("Steps in all, whatever the passes come to.", valueName: "count"))
  var maxSteps: Int?

  @Option(help: ArgumentHelp("Batches whose gradients one step sums.", valueName: "count"))
  var accumulate: Int?

  @Option(help: ArgumentHelp("Highest learning rate.", valueName: "rate"))
  var learningRate: Double?

  @Option(help: ArgumentHelp("How the rate falls after it has risen.", valueName: "shape"))
  var decay: LearningRateSchedule.Decay?

  @Option(help: ArgumentHelp("Decay of the weights.", valueName: "rate"))
  var weightDecay: Double?

  @Option(help: ArgumentHelp("Bound of the gradient's norm; 0: none.", valueName: "norm"))
  var clip: Double?

  @Option(help: ArgumentHelp("Dropout of states.", valueName: "rate"))
  var dropout: Float?

  @Option(help: ArgumentHelp("Dropout of attention.", valueName: "rate"))
  var attentionDropout: Float?

  @Option(
    help: ArgumentHelp(
      "Evaluations without a better score before it ends; 0: never.", valueName: "count"))
  var patience: Int?

  @Option(help: ArgumentHelp("Seed of all that is drawn.", valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      """
      What products are computed in; int16 and bfloat16 are about twice as fast where the processor \
      has instructions for them. Weights and sums stay float32.
      """, valueName: "format"))
  var precision: ProductPrecision?

  func apply(to settings: inout some LearningSettings) {
    (settings.epochs, settings.maximumSteps, settings.accumulation) = (epochs, maxSteps, accumulate)
    (settings.learningRate, settings.decay, settings.weightDecay) =
      (learningRate, decay, weightDecay)
    (settings.clip, settings.dropout, settings.attentionDropout) = (clip, dropout, attentionDropout)
    (settings.patience, settings.seed, settings.precision) = (patience, seed, precision)
  }
}
