// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneModels
import AttuneRecipes

/// What a captioner is made of.
struct CaptionerModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder of a captioner to go on with, whose vectors have the same width.", valueName: "dir"))
  var from: String?

  @Option(
    help: ArgumentHelp(
      "Folder of a captioner or translator whose decoder and tokenizer to start with.",
      valueName: "dir"))
  var decoderFrom: String?

  @Option(
    help: ArgumentHelp(
      """
      What is done to vectors first: standard (columns of mean 0 and deviation 1), centered (of mean 0, \
      one deviation for all), unit (length 1) or none.
      """,
      valueName: "scaling"))
  var scaling: VectorScaling?

  @Option(
    help: ArgumentHelp("Positions that a vector becomes for the decoder.", valueName: "count"))
  var positions: Int?

  @Option(
    help: ArgumentHelp(
      "Layers of a transformer between vectors and decoder; 0: a projection alone.",
      valueName: "count"))
  var mappingLayers: Int?

  @Option(help: ArgumentHelp("Dropout of the vectors.", valueName: "rate"))
  var vectorDropout: Float?

  @Flag(help: "Learn captions in lower case.")
  var lowercase = false

  @Option(help: ArgumentHelp("Layers of the decoder.", valueName: "count"))
  var layers: Int?

  @OptionGroup var sizes: WriterModelOptions

  func apply(to settings: inout CaptionerSettings) {
    sizes.apply(to: &settings)
    (settings.origin, settings.decoderOrigin) = (from, decoderFrom)
    settings.layers = layers
    (settings.scaling, settings.vectorDropout) = (scaling, vectorDropout)
    (settings.positions, settings.mappingLayers) = (positions, mappingLayers)
    settings.lowercases = lowercase ? true : nil
  }
}

/// How a captioner learns.
struct CaptionerLearningOptions: ParsableArguments {
  @OptionGroup var common: WriterLearningOptions

  @Option(help: ArgumentHelp("Captions in a batch, instead of tokens.", valueName: "count"))
  var batchSize: Int?

  @Option(help: ArgumentHelp("What decides which model is the best.", valueName: "score"))
  var score: CaptionerSettings.Score?

  func apply(to settings: inout CaptionerSettings) {
    common.apply(to: &settings)
    (settings.batchSize, settings.score) = (batchSize, score)
  }
}
