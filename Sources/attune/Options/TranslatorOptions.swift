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

  @OptionGroup var vectors: WordVectorOption

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
    settings.wordVectors = vectors.wordVectors
    (settings.layers, settings.decoderLayers) = (layers, decoderLayers)
    (settings.dimension, settings.heads) = (dimension, heads)
    (settings.feedForwardDimension, settings.normPlacement) = (feedForward, norm)
    settings.maximumLength = maxLength
  }
}

/// How a translator learns.
struct TranslatorLearningOptions: ParsableArguments {
  @OptionGroup var common: LearningOptions

  @Option(
    help: ArgumentHelp("Tokens of sources and targets in a batch.", valueName: "count"))
  var batchTokens: Int?

  @Option(help: ArgumentHelp("Steps in which the rate rises.", valueName: "count"))
  var warmUp: Int?

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

  func apply(to settings: inout TranslatorSettings) {
    common.apply(to: &settings)
    (settings.batchTokens, settings.warmUpSteps) = (batchTokens, warmUp)
    (settings.feedForwardDropout, settings.labelSmoothing) = (feedForwardDropout, labelSmoothing)
    (settings.evaluationSteps, settings.averageCount) = (evaluateEvery, average)
    settings.score = score
  }
}
