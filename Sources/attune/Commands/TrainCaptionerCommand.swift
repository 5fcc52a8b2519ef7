// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneRecipes

/// `attune train captioner`
struct TrainCaptionerCommand: TrainingCommand {
  typealias Recipe = CaptionerTraining

  static let configuration = CommandConfiguration(
    commandName: "captioner",
    abstract: "Train a captioner on vectors and their captions.",
    discussion: """
      Reads vectors (.npy of two axes, or of three for a sequence of vectors an item; CSV; JSON lines) \
      and a file of captions with the row of their vector, of which several may belong to one, learns \
      a tokenizer, and writes the folder --output with the models 'best' and 'last'. How vectors are \
      scaled is a part of the model. Ctrl-C saves; --resume goes on with equal bits.

      --recipe names known settings; every other option changes one of them:

      \(recipes)

        attune train captioner --vectors train.npy --captions train.csv --output models/photos
        attune train captioner --vectors train.npy --captions train.csv \\
          --validation-vectors valid.npy --validation-captions valid.csv --recipe small --output models/photos
        attune evaluate models/photos --vectors test.npy --captions test.csv
      """)

  private static var recipes: String {
    CaptionerRecipe.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n")
  }

  @Option(help: ArgumentHelp("File of vectors.", valueName: "file"))
  var vectors: String

  @Option(help: ArgumentHelp("File of their captions.", valueName: "file"))
  var captions: String

  @OptionGroup var folder: RunOptions

  @Option(help: ArgumentHelp("File of vectors to validate with.", valueName: "file"))
  var validationVectors: String?

  @Option(help: ArgumentHelp("File of their captions.", valueName: "file"))
  var validationCaptions: String?

  @Option(
    help: ArgumentHelp("Vectors kept for validation otherwise (default: 500).", valueName: "count"))
  var validationRows: Int?

  @OptionGroup var reading: CaptionReadingOptions

  @Option(help: ArgumentHelp("How the captions are encoded.", valueName: "name"))
  var encoding: TextEncoding?

  @Option(help: ArgumentHelp("Known settings (default: tiny).", valueName: "name"))
  var recipe: CaptionerRecipe?

  @OptionGroup(title: "Model") var model: CaptionerModelOptions
  @OptionGroup(title: "Learning") var learning: CaptionerLearningOptions

  @Flag(help: "Print the result as one JSON document.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if (validationVectors == nil) != (validationCaptions == nil) {
      throw ValidationError("--validation-vectors and --validation-captions belong together.")
    }
    try ValidationError.exclude(
      ("--validation-vectors", validationVectors != nil),
      ("--validation-rows", validationRows != nil))
  }

  func summary(of report: WriterReport) -> TrainedModelSummary {
    TrainedModelSummary(report: report)
  }

  var request: CaptionerTraining.Request {
    var request = CaptionerTraining.Request(
      data: CaptionFiles(vectors: vectors, captions: captions), output: folder.output)
    if let validationVectors, let validationCaptions {
      request.validation = CaptionFiles(
        vectors: validationVectors, captions: validationCaptions)
    }
    request.existing = folder.existing
    return request
  }

  var settings: CaptionerSettings {
    var settings = CaptionerSettings()
    model.apply(to: &settings)
    learning.apply(to: &settings)
    settings.recipe = recipe
    settings.vectorsFormat = reading.vectorsFormat?.rawValue
    (settings.rowColumn, settings.captionColumn) = (reading.rowColumn, reading.captionColumn)
    settings.encoding = encoding?.rawValue
    settings.validationRows = validationRows
    return settings
  }
}
