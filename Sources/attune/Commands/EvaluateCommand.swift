// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttuneModels
import AttunePipelines
import AttuneRecipes

/// `attune evaluate`
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a classifier, a translator or a captioner on data with known answers.",
    discussion: """
      Prints the scores of the model's task with the range of 95 % of 1,000 resamples: accuracy and \
      macro-F1 of labels, and how often each was predicted for each; distances too where labels \
      stand in an order; exact match and F1 of sets of labels; distances and correlations of \
      numbers. Then how far probabilities can be taken at their word, with the temperature that \
      was fitted in training and without, and the scores of short, medium and long texts.

      Labels of the file are matched with the model's by name, then by name without case; where no \
      name fits, numbers are taken as places from 0, or --label-map says what they mean.

      A translator is given a file of two columns, or two files of which lines belong together. \
      BLEU (13a) and chrF are those of sacreBLEU, with its signatures, and cased unless asked; then \
      the speed. Without --model, two files or --source-column and --target-column mean the bundled \
      translator.

      A captioner is given vectors and their captions, several of one vector where there are. BLEU, \
      ROUGE-L and CIDEr-D are those of pycocoevalcap, and stand beside the scores of who copies the \
      caption of the nearest vector among those that the captioner learned from.

        attune evaluate --model models/reviews test.csv --errors 10
        attune evaluate --model models/reviews long.csv --window 256 --stride 128
        attune evaluate --model models/en-fr test.en test.fr --beam-size 5
        attune evaluate --model models/photos --vectors test.npy --captions test.csv
      """)

  @Argument(
    help: ArgumentHelp(
      "CSV, TSV or JSON lines file; - is standard input. With --vectors: the folder of the model.",
      valueName: "file"))
  var file: String?

  @Argument(
    help: ArgumentHelp(
      "For a translator: the translations of the lines of <file>.", valueName: "translations"))
  var targetFile: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var precision: InferencePrecisionOption
  @OptionGroup var windows: WindowOptions
  @OptionGroup var table: TableOptions

  @Option(
    name: .customLong("label-column"),
    help: ArgumentHelp("Column of the label.", valueName: "name"))
  var labelColumn: String?

  @OptionGroup var labelMap: LabelMapOption

  @Option(help: "How the rows stand in the file (default: by its name, else csv).")
  var format: InputFormat?

  @Option(
    help: ArgumentHelp(
      "List so many rows that the model is wrong about, the surest first.", valueName: "count"))
  var errors = 0

  @Option(
    help: ArgumentHelp(
      "Tell how many rows are left without an answer, and how good the others are, where the model is less sure than this.",
      valueName: "probability"))
  var abstain: Double?

  @OptionGroup(title: "Translators") var translator: TranslatorEvaluationOptions
  @OptionGroup(title: "Captioners") var captioner: CaptionerEvaluationOptions
  @OptionGroup(title: "Translators and captioners") var writing: WriterEvaluationOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  @Option(help: "Seed of the resamples.")
  var seed: UInt64 = 0

  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if format == .lines { throw ValidationError("Lines have no labels; give a table.") }
    if let abstain, !(0...1 ~= abstain) {
      throw ValidationError("--abstain is \(abstain), expected a probability from 0 to 1.")
    }
    if errors < 0 { throw ValidationError("--errors is \(errors), expected 0 or more.") }
    if captioner.files != nil, targetFile != nil || (file != nil && model.model != nil) {
      throw ValidationError("With --vectors no other file is read.")
    }
    if captioner.files == nil, file == nil {
      throw ValidationError("Missing expected argument '<file>'")
    }
  }

  func run() throws {
    let diagnostics = common.apply()
    if let files = captioner.files {
      return try evaluateCaptioner(at: model.model ?? file, on: files, diagnostics)
    }
    let isPair = targetFile != nil || translator.targetColumn != nil
    let bundled: FolderKind = isPair ? .translator : .classifier
    switch try model.model.map({ try FolderKind(ofFolder: $0) }) ?? bundled {
    case .translator: return try evaluateTranslator(at: model.model, diagnostics)
    case .captioner:
      throw ValidationError("A captioner is measured with --vectors FILE --captions FILE.")
    case .classifier, .encoder: break
    }
    guard targetFile == nil else {
      throw ValidationError("Two files are for translators; this model is a classifier.")
    }
    let classifier = try windows.apply(to: model.load(precision))
    if abstain != nil, classifier.task == .regression {
      throw ValidationError("--abstain needs labels, but this model gives a number.")
    }
    let set = try examples(for: classifier)
    let output = try self.output.open()
    if let choice = set.choice { diagnostics.note("columns: \(choice)") }
    let truths = try Truths(
      of: set, for: classifier, meanings: labelMap.meanings, diagnostics: diagnostics)
    var truncation = TruncationReport()
    let predictions = try predictions(for: set, by: classifier, &truncation, diagnostics)
    let rows = EvaluatedRows(
      task: classifier.task, labels: classifier.labels,
      separator: classifier.settings.labelSeparator, truths: truths, predictions: predictions,
      lines: set.examples.map(\.line), texts: set.examples.map { TextParts($0.parts).joined })
    let report = EvaluationReport(
      rows, temperature: classifier.settings.temperature, truncation: truncation,
      errorLimit: errors, leastScore: abstain, seed: seed)
    try output.finish(report, asJSON: json)
  }

  private func evaluateTranslator(at path: String?, _ diagnostics: Diagnostics) throws {
    let translation =
      try path.map { try Translation(contentsOf: $0, precision: precision.precision) }
      ?? .bundled(precision: precision.precision)
    let pairs = try translator.pairs(
      [file ?? "-"] + (targetFile.map { [$0] } ?? []), encoding: table.encoding ?? .utf8)
    let output = try self.output.open()
    let saved = try writing.openSaved(overwrites: self.output.overwrite)
    if !pairs.emptyLines.isEmpty {
      let count = pairs.emptyLines.count
      diagnostics.note("\(count.counted("pair has", "pairs have")) an empty side; left out.")
    }
    let evaluation = try TranslatorEvaluation(
      of: translation, on: pairs.pairs, translator.options(writing),
      tokenization: translator.tokenize, ignoresCase: translator.lowercase, seed: seed,
      progress: TerminalProgress(diagnostics))
    try saved?.finish(evaluation.translations.map(\.text))
    let cut = evaluation.translations.count { $0.truncatedCount > 0 }
    if cut > 0 {
      diagnostics.note(
        "\(cut.counted("text is", "texts are")) longer than \(translation.maximumSourceLength) tokens; "
          + "what is beyond was not read.")
    }
    try output.finish(evaluation, asJSON: json)
  }

  private func evaluateCaptioner(
    at path: String?, on files: CaptionFiles, _ diagnostics: Diagnostics
  ) throws {
    let model =
      try path.map { try VectorToText(contentsOf: $0, precision: precision.precision) }
      ?? .bundled(precision: precision.precision)
    let data = try captioner.reading.open(files, encoding: table.encoding)
    if let warning = data.warning { diagnostics.warn(warning) }
    try model.require(data.vectors)
    let output = try self.output.open()
    let saved = try writing.openSaved(overwrites: self.output.overwrite)
    let training = try captioner.training(ofModel: path, encoding: table.encoding, diagnostics)
    let evaluation = try CaptionerEvaluation(
      of: model, on: data, training: training, writing.options,
      tokenization: captioner.captionWords, seed: seed, progress: TerminalProgress(diagnostics))
    try saved?.finish(evaluation.captions.map(\.text))
    try output.finish(evaluation, asJSON: json)
  }

  private func examples(for classifier: TextClassification) throws -> LabelledTextSet {
    let file = file ?? "-"
    let format = format ?? InputFormat(nameOf: file)
    var options = table.delimited
    if format == .tsv, options.delimiter == nil { options.delimiter = .tab }
    let rows = try Table(path: file, options: options, isJSONLines: format == .jsonl)
    return try LabelledTextSet(
      rows, textColumns: table.textColumns(for: classifier, in: rows.columns),
      labels: table.labels(for: classifier, named: labelColumn, in: rows.columns),
      emptyTexts: .kept)
  }

  private func predictions(
    for set: LabelledTextSet, by classifier: TextClassification,
    _ truncation: inout TruncationReport, _ diagnostics: Diagnostics
  ) throws -> [TextClassification.Prediction] {
    let progress = TerminalProgress(diagnostics)
    let examples = set.examples
    // Rates count bytes: long texts take longer.
    let sizes = examples.map { example in example.parts.reduce(1) { $0 + $1.utf8.count } }
    let total = sizes.reduce(0, +)
    var predictions: [TextClassification.Prediction] = []
    var done = 0
    while predictions.count < examples.count {
      var (end, bytes) = (predictions.count, 0)
      while end < examples.count, end - predictions.count < 2_000, bytes < 1 << 20 {
        bytes += sizes[end]
        end += 1
      }
      let part = examples[predictions.count..<end]
      for prediction in classifier.classify(part.map { TextParts($0.parts) }) {
        predictions.append(prediction)
        truncation.count(prediction)
      }
      done += bytes
      progress.update(predictions.count, "texts", share: Double(done) / Double(total))
    }
    progress.clear()
    let emptyCount = examples.count(where: \.isEmpty)
    if emptyCount > 0 {
      diagnostics.note("\(emptyCount.counted("text is", "texts are")) empty.")
    }
    truncation.notes(for: classifier).forEach(diagnostics.note)
    return predictions
  }
}
