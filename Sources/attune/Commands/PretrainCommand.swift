// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttunePipelines
import AttuneRecipes
import AttuneTraining

/// `attune pretrain`
struct PretrainCommand: ParsableCommand {
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
    if !validation.isEmpty, validationShare != nil {
      throw ValidationError("--validation and --validation-share exclude each other.")
    }
  }

  func run() throws {
    let report = try TrainingDisplay.follow(common) { shouldStop, observe in
      try Pretraining.run(request, settings: settings, shouldStop: shouldStop, observe: observe)
    }
    let output = ResultOutput()
    if json {
      var document = report.json.objectValue ?? JSONObject()
      document["model"] = .string(TrainingRun(report.run).best)
      document["opens_in"] = .string(report.reader)
      try output.write(.object(document), .pretty)
    } else {
      try output.write(table(report).text)
    }
    try output.finish()
  }

  private var request: Pretraining.Request {
    var request = Pretraining.Request(corpus: corpus, output: folder.output)
    request.validation = validation.isEmpty ? nil : validation
    request.existing = folder.existing
    return request
  }

  private var settings: PretrainingSettings {
    var settings = PretrainingSettings()
    (settings.recipe, settings.origin) = (recipe, from)
    settings.validationFraction = validationShare
    texts.apply(to: &settings)
    model.apply(to: &settings)
    masking.apply(to: &settings)
    learning.apply(to: &settings)
    return settings
  }

  private func table(_ report: PretrainingReport) -> TextTable {
    var table = TextTable(.left)
    for detail in report.evaluation.evaluation.details {
      table.append([detail.name.replacing("_", with: " "), detail.value.decimal(4)])
    }
    table.append([
      "so",
      report.evaluation.beatsFrequency
        ? "the model knows more than how frequent tokens are"
        : "the model is no better than guessing by frequency: it needs more steps or more text",
    ])
    table.append(["model", TrainingRun(report.run).best])
    table.append(["opens in", report.reader])
    table.append(["parameters", report.parameterCount.grouped])
    table.append(["use it", "attune train classifier FILE --from \(report.run) --output DIR"])
    let cost = report.cost
    table.append([
      "took",
      "\(TerminalProgress.duration(cost.seconds)), \(Int(cost.tokensPerSecond).grouped) tokens/s in "
        + "\(cost.stepCount.counted("step", "steps")), \(Int(cost.peakMebibytes).grouped) MiB of memory at most",
    ])
    return table
  }
}
