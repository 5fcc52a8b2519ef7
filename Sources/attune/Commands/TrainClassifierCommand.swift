// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes

/// `attune train classifier`
struct TrainClassifierCommand: ClassifierTrainingCommand {
  static let configuration = CommandConfiguration(
    commandName: "classifier",
    abstract: "Train a classifier of texts.",
    discussion: """
      Reads a table with a text and a label column, keeps a part of it for validation, and writes \
      the folder --output with the models 'best' and 'last'. What is not asked for is chosen by \
      the data. A yardstick that knows words alone is fitted beside it, to see whether the \
      transformer earns its cost. Ctrl-C saves; --resume goes on with equal bits.

      --from starts from a pretrained model: a folder of transformers or sentence-transformers, a \
      run of Attune, or the bundled classifier. It keeps its head where task and labels are the \
      same, and gets a new one where they are not.

      --task says what labels mean: one of several (single-label), any number of them \
      (multi-label), steps of an order as stars are (ordinal), or numbers (regression).

        attune train classifier reviews.csv --output models/reviews
        attune train classifier reviews.csv --from models/minilm --output models/fine
        attune train classifier stars.csv --task ordinal --from models/minilm --output models/stars
        attune train classifier tags.csv --label-separator ';' --output models/tags
        attune classify "Not worth the ticket." --model models/reviews
      """)

  @Argument(help: ArgumentHelp("CSV, TSV or JSON lines file.", valueName: "file"))
  var file: String

  @OptionGroup var folder: RunOptions

  @Option(help: ArgumentHelp("File to validate with.", valueName: "file"))
  var validation: String?

  @Option(
    help: ArgumentHelp("Part of the data kept for validation otherwise.", valueName: "share"))
  var validationShare: Double?

  @Option(
    help: ArgumentHelp(
      "Model folder to start from, 'bundled', or 'scratch' (default: scratch).", valueName: "dir"))
  var from: String?

  @OptionGroup(title: "Labels") var labels: ClassifierLabelOptions
  @OptionGroup(title: "Table") var table: TableOptions
  @OptionGroup(title: "Model, when trained from scratch") var model: ClassifierModelOptions
  @OptionGroup(title: "Long texts") var reading: ClassifierReadingOptions
  @OptionGroup(title: "Learning") var learning: ClassifierLearningOptions

  @Flag(help: "Print the result as one JSON document.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    try ValidationError.exclude(
      ("--validation", validation != nil), ("--validation-share", validationShare != nil))
  }

  var request: ClassifierTraining.Request { labelledRequest }
  var settings: ClassifierSettings { labelledSettings }
}
