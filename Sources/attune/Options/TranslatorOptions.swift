// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneLayers
import AttuneRecipes
import AttuneTokenizers
import AttuneTraining

/// The sizes of a translator.
struct TranslatorModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How the pieces of words are learned and found (default: unigram).", valueName: "model"))
  var tokenizer: SentencePieceTrainer.Algorithm?

  @Option(help: ArgumentHelp("Tokens that both languages share.", valueName: "count"))
  var vocabulary: Int?

  @Option(help: ArgumentHelp("Layers of the encoder, and of the decoder.", valueName: "count"))
  var layers: Int?

  @Option(help: ArgumentHelp("Layers of the decoder, if not as many.", valueName: "count"))
  var decoderLayers: Int?

  @Option(help: ArgumentHelp("Width of the states.", valueName: "size"))
  var dimension: Int?

  @Option(help: ArgumentHelp("Heads of the attention.", valueName: "count"))
  var heads: Int?

  @Option(help: ArgumentHelp("Width inside the feed-forward networks.", valueName: "size"))
  var feedForward: Int?

  @Option(
    help: ArgumentHelp(
      "Whether norms stand before or after sublayers; models with norms before open in Attune only.",
      valueName: "place"))
  var norm: NormPlacement?

  @Option(
    help: ArgumentHelp(
      "Most tokens of a side; longer pairs are not learned from.", valueName: "count"))
  var maxLength: Int?

  func apply(to settings: inout TranslatorSettings) {
    (settings.tokenizer, settings.vocabularySize) = (tokenizer, vocabulary)
    (settings.layers, settings.decoderLayers) = (layers, decoderLayers)
    (settings.dimension, settings.heads) = (dimension, heads)
    (settings.feedForwardDimension, settings.normPlacement) = (feedForward, norm)
    settings.maximumLength = maxLength
  }
}

/// How a translator learns.
struct TranslatorLearningOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Steps in all.", valueName: "count"))
  var maxSteps: Int?

  @Option(help: ArgumentHelp("Passes over the data, instead of steps.", valueName: "count"))
  var epochs: Int?

  @Option(
    help: ArgumentHelp("Tokens of sources and targets in a batch.", valueName: "count"))
  var batchTokens: Int?

  @Option(help: ArgumentHelp("Batches whose gradients one step sums.", valueName: "count"))
  var accumulate: Int?

  @Option(help: ArgumentHelp("Highest learning rate.", valueName: "rate"))
  var learningRate: Double?

  @Option(help: ArgumentHelp("Steps in which the rate rises.", valueName: "count"))
  var warmUp: Int?

  @Option(
    help: ArgumentHelp(
      "How the rate falls after that (default: inverseSquareRoot).", valueName: "shape"))
  var decay: LearningRateSchedule.Decay?

  @Option(help: ArgumentHelp("Decay of the weights.", valueName: "rate"))
  var weightDecay: Double?

  @Option(help: ArgumentHelp("Bound of the gradient's norm; 0: none.", valueName: "norm"))
  var clip: Double?

  @Option(help: ArgumentHelp("Dropout of states.", valueName: "rate"))
  var dropout: Float?

  @Option(help: ArgumentHelp("Dropout of attention.", valueName: "rate"))
  var attentionDropout: Float?

  @Option(help: ArgumentHelp("Dropout inside the feed-forward networks.", valueName: "rate"))
  var feedForwardDropout: Float?

  @Option(
    help: ArgumentHelp("Share of a token that goes to the vocabulary.", valueName: "rate"))
  var labelSmoothing: Float?

  @Option(
    help: ArgumentHelp("Steps between evaluations (default: an epoch).", valueName: "count"))
  var evaluateEvery: Int?

  @Option(
    help: ArgumentHelp(
      "Models after the last evaluations whose mean is judged and written; 1: the last one.",
      valueName: "count"))
  var average: Int?

  @Option(help: ArgumentHelp("What decides which model is the best.", valueName: "score"))
  var score: TranslatorSettings.Score?

  @Option(
    help: ArgumentHelp(
      "Evaluations without a better score before it ends; 0: never.", valueName: "count"))
  var patience: Int?

  @Option(help: ArgumentHelp("Seed of all that is drawn.", valueName: "number"))
  var seed: UInt64?

  @OptionGroup var precision: TrainingPrecisionOption

  func apply(to settings: inout TranslatorSettings) {
    (settings.maximumSteps, settings.epochs) = (maxSteps, epochs)
    (settings.batchTokens, settings.accumulation) = (batchTokens, accumulate)
    (settings.learningRate, settings.warmUpSteps, settings.decay) = (learningRate, warmUp, decay)
    (settings.weightDecay, settings.clip) = (weightDecay, clip)
    (settings.dropout, settings.attentionDropout) = (dropout, attentionDropout)
    (settings.feedForwardDropout, settings.labelSmoothing) = (feedForwardDropout, labelSmoothing)
    (settings.evaluationSteps, settings.averageCount) = (evaluateEvery, average)
    (settings.score, settings.patience, settings.seed) = (score, patience, seed)
    settings.precision = precision.precision
  }
}
