// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneLayers
import AttuneRecipes
import AttuneTokenizers

/// The sizes of a transformer that writes texts.
struct WriterModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How the pieces of words are learned and found (default: unigram).", valueName: "model"))
  var tokenizer: SentencePieceTrainer.Algorithm?

  @Option(help: ArgumentHelp("Tokens of the vocabulary.", valueName: "count"))
  var vocabulary: Int?

  @OptionGroup var vectors: WordVectorOption

  @Option(help: ArgumentHelp("Width of the states.", valueName: "size"))
  var dimension: Int?

  @Option(help: ArgumentHelp("Heads of the attention.", valueName: "count"))
  var heads: Int?

  @Option(help: ArgumentHelp("Width inside the feed-forward networks.", valueName: "size"))
  var feedForward: Int?

  @Option(
    help: ArgumentHelp(
      "Whether norms stand before or after sublayers; translators with norms before open in Attune only.",
      valueName: "place"))
  var norm: NormPlacement?

  @Option(
    help: ArgumentHelp(
      "Most tokens of a text; longer ones are not learned from.", valueName: "count"))
  var maxLength: Int?

  func apply(to settings: inout some WriterSettings) {
    (settings.tokenizer, settings.wordVectors) = (tokenizer, vectors.wordVectors)
    (settings.vocabularySize, settings.maximumLength) = (vocabulary, maxLength)
    (settings.dimension, settings.heads) = (dimension, heads)
    (settings.feedForwardDimension, settings.normPlacement) = (feedForward, norm)
  }
}

/// How a transformer learns to write texts.
struct WriterLearningOptions: ParsableArguments {
  @OptionGroup var common: LearningOptions

  @Option(
    help: ArgumentHelp("Tokens in a batch, read and written.", valueName: "count"))
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

  func apply(to settings: inout some WriterSettings) {
    common.apply(to: &settings)
    (settings.batchTokens, settings.warmUpSteps) = (batchTokens, warmUp)
    (settings.feedForwardDropout, settings.labelSmoothing) = (feedForwardDropout, labelSmoothing)
    (settings.evaluationSteps, settings.averageCount) = (evaluateEvery, average)
  }
}
