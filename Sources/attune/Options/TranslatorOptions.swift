// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes

/// The sizes of a translator.
struct TranslatorModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Folder of a translator to go on with, Marian's included.", valueName: "dir")
  )
  var from: String?

  @Option(help: ArgumentHelp("Layers of the encoder, and of the decoder.", valueName: "count"))
  var layers: Int?

  @Option(help: ArgumentHelp("Layers of the decoder, if not as many.", valueName: "count"))
  var decoderLayers: Int?

  @OptionGroup var sizes: WriterModelOptions

  func apply(to settings: inout TranslatorSettings) {
    sizes.apply(to: &settings)
    (settings.origin, settings.layers, settings.decoderLayers) = (from, layers, decoderLayers)
  }
}

/// How a translator learns.
struct TranslatorLearningOptions: ParsableArguments {
  @OptionGroup var common: WriterLearningOptions

  @Option(help: ArgumentHelp("What decides which model is the best.", valueName: "score"))
  var score: TranslatorSettings.Score?

  func apply(to settings: inout TranslatorSettings) {
    common.apply(to: &settings)
    settings.score = score
  }
}
