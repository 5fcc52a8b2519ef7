// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneLayers
import AttuneRecipes

/// The sizes of a classifier that is trained from scratch.
struct ClassifierModelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Layers of the transformer.", valueName: "count"))
  var layers: Int?

  @Option(help: ArgumentHelp("Width of the states.", valueName: "size"))
  var dimension: Int?

  @Option(help: ArgumentHelp("Heads of the attention.", valueName: "count"))
  var heads: Int?

  @Option(help: ArgumentHelp("Width inside the feed-forward networks.", valueName: "size"))
  var feedForward: Int?

  @Option(help: ArgumentHelp("Tokens of the vocabulary.", valueName: "count"))
  var vocabulary: Int?

  @OptionGroup var vectors: WordVectorOption

  @Option(help: ArgumentHelp("Most tokens of a text; the rest is cut off.", valueName: "count"))
  var maxLength: Int?

  @Option(help: ArgumentHelp("How states become one vector.", valueName: "kind"))
  var pooling: PoolingKind?

  @Option(help: ArgumentHelp("Whether norms stand before or after sublayers.", valueName: "place"))
  var norm: NormPlacement?

  @Option(help: ArgumentHelp("How positions enter.", valueName: "kind"))
  var positions: PositionKind?

  @Flag(help: "Tell upper from lower case, and letters with accents from those without.")
  var cased = false

  func apply(to settings: inout ClassifierSettings) {
    (settings.layers, settings.dimension, settings.heads) = (layers, dimension, heads)
    settings.feedForwardDimension = feedForward
    (settings.vocabularySize, settings.wordVectors) = (vocabulary, vectors.wordVectors)
    settings.maximumLength = maxLength
    (settings.pooling, settings.normPlacement, settings.positions) = (pooling, norm, positions)
    if cased { settings.lowercases = false }
  }
}
