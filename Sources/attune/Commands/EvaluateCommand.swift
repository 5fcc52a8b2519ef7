// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttunePipelines

/// `attune evaluate`
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a classifier on labelled texts.",
    discussion: """
      Prints accuracy and macro-F1 with the range of 95 % of 1,000 resamples, precision and recall \
      of each label, and how often each label was predicted for each.

        attune evaluate --model models/reviews test.csv
      """)

  @Argument(
    help: ArgumentHelp("CSV, TSV or JSON lines file; - is standard input.", valueName: "file"))
  var file: String

  @OptionGroup var model: ModelOptions
  @OptionGroup var table: TableOptions

  @Option(
    name: .customLong("label-column"),
    help: ArgumentHelp("Column of the label.", valueName: "name"))
  var labelColumn: String?

  @Option(help: "How the rows stand in the file (default: by its name, else csv).")
  var format: InputFormat?

  @Flag(help: "Print one JSON document.")
  var json = false

  @Option(help: "Seed of the resamples.")
  var seed: UInt64 = 0

  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if format == .lines { throw ValidationError("Lines have no labels; give a table.") }
  }

  func run() throws {
    let diagnostics = common.apply()
    let classifier = try model.load()
    let set = try examples(for: classifier)
    let output = try self.output.open()
    if let choice = set.choice { diagnostics.note("columns: \(choice)") }
    let truths = try LabelIndices(of: set, labels: classifier.labels).indices
    let predictions = predictions(for: set, by: classifier, diagnostics)
    let scores = Scores(
      labels: classifier.labels, truths: truths, predictions: predictions, seed: seed)
    if json { try output.write(scores.json, .pretty) } else { try output.write(scores.text) }
    try output.finish()
  }

  private func examples(for classifier: TextClassification) throws -> LabelledTextSet {
    let format = format ?? InputFormat(nameOf: file)
    var options = table.delimited
    if format == .tsv, options.delimiter == nil { options.delimiter = .tab }
    let rows = try Table(path: file, options: options, isJSONLines: format == .jsonl)
    return try LabelledTextSet(
      rows, textColumns: table.textColumns(for: classifier, in: rows.columns),
      labelColumn: labelColumn, emptyTexts: .kept)
  }

  private func predictions(
    for set: LabelledTextSet, by classifier: TextClassification, _ diagnostics: Diagnostics
  ) -> [Int] {
    let progress = TerminalProgress(diagnostics)
    let indices = Dictionary(
      classifier.labels.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let examples = set.examples
    var predictions: [Int] = []
    var (truncatedCount, chunk) = (0, 1_000)
    while predictions.count < examples.count {
      let part = examples[predictions.count...].prefix(chunk)
      for prediction in classifier.classify(part.map { TextParts($0.parts) }) {
        predictions.append(indices[prediction.label] ?? 0)
        if prediction.truncatedCount > 0 { truncatedCount += 1 }
      }
      chunk = 2_000
      progress.update(
        predictions.count, "texts", share: Double(predictions.count) / Double(examples.count))
    }
    progress.clear()
    let emptyCount = examples.count(where: \.isEmpty)
    if emptyCount > 0 {
      diagnostics.note("\(emptyCount.counted("text is", "texts are")) empty.")
    }
    if truncatedCount > 0 {
      diagnostics.note(
        "\(truncatedCount.counted("text is", "texts are")) longer than the model's "
          + "\(classifier.maximumLength) tokens; what is beyond was not read.")
    }
    return predictions
  }
}

/// The places of examples' labels among a model's labels.
private struct LabelIndices {
  let indices: [Int]

  init(of set: LabelledTextSet, labels: [String]) throws(UnknownLabelsError) {
    let known = JSONObject(labels.enumerated().map { ($0.element, .integer($0.offset)) })
    let unknown = set.labels.filter { known[$0] == nil }
    guard unknown.isEmpty else {
      throw UnknownLabelsError(file: set.file, unknown: unknown, known: labels)
    }
    indices = set.examples.map { known[$0.label]?.integerValue ?? 0 }
  }
}

/// Labels of a file that the model never gives.
struct UnknownLabelsError: AttuneError, Equatable {
  let file: String
  let unknown: [String]
  let known: [String]

  var exitCode: ExitStatus { .data }

  var description: String {
    let shown = unknown.prefix(10).map { label in
      "'\(label)'"
        + (EditDistance.nearest(to: label, in: known).map { " (did you mean '\($0)'?)" } ?? "")
    }
    let rest = unknown.count > 10 ? " and \(unknown.count - 10) more" : ""
    let names = known.prefix(30).map { "'\($0)'" }.joined(separator: ", ")
    return "\(file): the model does not know the \(unknown.count == 1 ? "label" : "labels") "
      + "\(shown.joined(separator: ", "))\(rest). Its labels are \(names)\(known.count > 30 ? " …" : "")."
      + " Choose another column with --label-column, or another model with --model."
  }
}
