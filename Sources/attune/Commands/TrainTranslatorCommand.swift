// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneRecipes

/// `attune train translator`
struct TrainTranslatorCommand: TrainingCommand {
  typealias Recipe = TranslatorTraining

  static let configuration = CommandConfiguration(
    commandName: "translator",
    abstract: "Train a translator on pairs of texts.",
    discussion: """
      Reads pairs from a file of two columns (.tsv, .csv or .jsonl) or from two files line by line \
      (--source, --target), learns a tokenizer for both languages, and writes the folder --output \
      with the models 'best' and 'last', which transformers (MarianMTModel) and CTranslate2 open. \
      Ctrl-C saves; --resume goes on with equal bits.

      Spaces of all kinds, such as the narrow ones before French punctuation, are read as one. \
      Pairs with an empty side are left out.

      --recipe names known settings; every other option changes one of them:

      \(recipes)

        attune train translator pairs.tsv --output models/en-fr
        attune train translator --source train.en --target train.fr --recipe small --output models/en-fr
        attune train translator pairs.jsonl --source-column en --target-column fr --output models/en-fr
      """)

  private static var recipes: String {
    TranslatorRecipe.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n")
  }

  @Argument(help: ArgumentHelp("TSV, CSV or JSON lines file of pairs.", valueName: "file"))
  var file: String?

  @Option(help: ArgumentHelp("File of texts, one a line.", valueName: "file"))
  var source: String?

  @Option(help: ArgumentHelp("File of their translations, line by line.", valueName: "file"))
  var target: String?

  @OptionGroup var folder: RunOptions

  @Option(help: ArgumentHelp("File of pairs to validate with.", valueName: "file"))
  var validation: String?

  @Option(help: ArgumentHelp("File of texts to validate with.", valueName: "file"))
  var validationSource: String?

  @Option(help: ArgumentHelp("File of their translations.", valueName: "file"))
  var validationTarget: String?

  @Option(
    help: ArgumentHelp("Pairs kept for validation otherwise (default: 1000).", valueName: "count"))
  var validationPairs: Int?

  @Option(help: ArgumentHelp("Column or key of the texts.", valueName: "name"))
  var sourceColumn: String?

  @Option(help: ArgumentHelp("Column or key of their translations.", valueName: "name"))
  var targetColumn: String?

  @Option(help: ArgumentHelp("How the files are encoded.", valueName: "name"))
  var encoding: TextEncoding?

  @Option(help: ArgumentHelp("Known settings (default: tiny).", valueName: "name"))
  var recipe: TranslatorRecipe?

  @OptionGroup(title: "Model") var model: TranslatorModelOptions
  @OptionGroup(title: "Learning") var learning: TranslatorLearningOptions

  @Flag(help: "Print the result as one JSON document.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if (source == nil) != (target == nil) {
      throw ValidationError("--source and --target belong together.")
    }
    if (file == nil) == (source == nil) {
      throw ValidationError("Expected a file of pairs, or two files: --source FILE --target FILE.")
    }
    if (validationSource == nil) != (validationTarget == nil) {
      throw ValidationError("--validation-source and --validation-target belong together.")
    }
    try ValidationError.exclude(
      ("--validation", validation != nil), ("--validation-source", validationSource != nil),
      ("--validation-pairs", validationPairs != nil))
    if file == nil, validation == nil, sourceColumn != nil || targetColumn != nil {
      throw ValidationError("--source-column and --target-column are for tables of pairs.")
    }
  }

  func summary(of report: WriterReport) -> TrainedModelSummary {
    TrainedModelSummary(report: report)
  }

  var request: TranslatorTraining.Request {
    var request = TranslatorTraining.Request(
      data: pairs(file, source, target) ?? .table(""), output: folder.output)
    request.validation = pairs(validation, validationSource, validationTarget)
    request.existing = folder.existing
    return request
  }

  private func pairs(_ file: String?, _ source: String?, _ target: String?) -> PairFiles? {
    if let source, let target { return .parallel(source: source, target: target) }
    return file.map { .table($0, source: sourceColumn, target: targetColumn) }
  }

  var settings: TranslatorSettings {
    var settings = TranslatorSettings()
    model.apply(to: &settings)
    learning.apply(to: &settings)
    settings.recipe = recipe
    (settings.sourceColumn, settings.targetColumn) = (sourceColumn, targetColumn)
    settings.encoding = encoding?.rawValue
    settings.validationPairs = validationPairs
    return settings
  }
}
