// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes
import AttuneTraining

/// `attune pretrain`
struct PretrainCommand: TrainingCommand {
  typealias Recipe = Pretraining

  static let configuration = CommandConfiguration(
    commandName: "pretrain",
    abstract: "Train an encoder on texts without labels.",
    discussion: """
      Hides tokens of the texts and trains a model to guess them, as BERT is trained: from nothing, \
      or with --from a model that knows other texts already. Writes the folder --output with the \
      models 'best' and 'last', which transformers opens (BertForMaskedLM) and which 'attune train \
      classifier --from' starts from. Ctrl-C saves; --resume goes on with equal bits.

      Texts are lines, or a column of .csv and .tsv, or a key of .jsonl; .gz is read everywhere. \
      Without --tokenizer a tokenizer of word pieces is learned from them.

      --recipe names known sizes; every other option changes one of them:

      \(recipes)

        attune pretrain reviews.txt.gz --budget 2h --output models/reviews
        attune pretrain reviews.csv --text-column review --recipe tiny --epochs 3 --output models/tiny
        attune pretrain reviews.txt.gz --from models/minilm --output models/adapted
        attune train classifier labelled.csv --from models/reviews --output models/sentiment
      """)

  private static var recipes: String {
    PretrainingRecipe.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n")
  }

  @Argument(help: ArgumentHelp("Files of texts.", valueName: "corpus"))
  var corpus: [String]

  @OptionGroup var folder: RunOptions

  @Option(help: ArgumentHelp("File to validate with; may be repeated.", valueName: "file"))
  var validation: [String] = []

  @Option(
    help: ArgumentHelp(
      "Share of the documents kept for validation otherwise (default: 0.01).", valueName: "share"))
  var validationShare: Double?

  @Option(
    help: ArgumentHelp("Model folder or run whose encoder learns on.", valueName: "dir"))
  var from: String?

  @Option(help: ArgumentHelp("Known sizes (default: mini).", valueName: "name"))
  var recipe: PretrainingRecipe?

  @OptionGroup(title: "Texts") var texts: PretrainingTextOptions
  @OptionGroup(title: "Model, when trained from nothing") var model: PretrainingModelOptions
  @OptionGroup(title: "Hidden tokens") var masking: MaskingOptions
  @OptionGroup(title: "Learning") var learning: PretrainingLearningOptions

  @Flag(help: "Print the result as one JSON document.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    try ValidationError.exclude(
      ("--validation", !validation.isEmpty), ("--validation-share", validationShare != nil))
  }

  func summary(of report: PretrainingReport) -> TrainedModelSummary {
    TrainedModelSummary(
      report: report,
      meaning: report.evaluation.beatsFrequency
        ? "the model knows more than how frequent tokens are"
        : "the model is no better than guessing by frequency: it needs more steps or more text",
      use: "attune train classifier FILE --from \(report.run) --output DIR")
  }

  var request: Pretraining.Request {
    var request = Pretraining.Request(corpus: corpus, output: folder.output)
    request.validation = validation.isEmpty ? nil : validation
    request.existing = folder.existing
    return request
  }

  var settings: PretrainingSettings {
    var settings = PretrainingSettings()
    (settings.recipe, settings.origin) = (recipe, from)
    settings.validationFraction = validationShare
    texts.apply(to: &settings)
    model.apply(to: &settings)
    masking.apply(to: &settings)
    learning.apply(to: &settings)
    return settings
  }
}
