// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttuneModels
import AttunePipelines

/// `attune classify`
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Give texts their labels.",
    discussion: """
      Texts are arguments, lines of standard input (-), or the rows of a file (--input). The rows \
      of a CSV or TSV file come out as CSV with the columns 'prediction' and 'score' appended, \
      those of JSON lines with these keys; their order stays. Files ending in .gz are unpacked.

      The prediction is the likeliest label, of ordered labels the median; where any number of \
      labels may hold, those that do, with ';' between them and between their scores; or a number, \
      without a score. Scores are probabilities, calibrated where the model was trained here.

        attune classify "A wonderful, moving film."
        attune classify --input reviews.csv --output labelled.csv --abstain 0.8
        cat lines.txt | attune classify - --json
      """)

  @Argument(help: ArgumentHelp("Texts, or - for the lines of standard input.", valueName: "text"))
  var texts: [String] = []

  @Option(help: ArgumentHelp("File of texts; - is standard input.", valueName: "file"))
  var input: String?

  @Option(help: "How the texts stand in the file (default: by its name, else lines).")
  var format: InputFormat?

  @OptionGroup var table: TableOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var precision: InferencePrecisionOption
  @OptionGroup var windows: WindowOptions

  @Option(
    help: ArgumentHelp(
      "Give no label where the model is less sure than this: the column stays empty.",
      valueName: "probability"))
  var abstain: Double?

  @Flag(
    help: ArgumentHelp(
      """
      Print one JSON object a line: text, label, score, scores; of several labels 'labels', of \
      ordered ones also 'expected', of a number 'value'; 'abstained' with --abstain; 'windows' and \
      'tokens_cut' of long texts.
      """))
  var json = false

  @Flag(help: "Print the probability of every label.")
  var all = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    try TextSource.validate(texts: texts, input: input)
    if let abstain, !(0...1 ~= abstain) {
      throw ValidationError("--abstain is \(abstain), expected a probability from 0 to 1.")
    }
  }

  func run() throws {
    let diagnostics = common.apply()
    let classifier = try windows.apply(to: model.load(precision))
    if abstain != nil, classifier.task == .regression {
      throw ValidationError("--abstain needs labels, but this model gives a number.")
    }
    let source = TextSource(texts: texts, input: input, format: format, table: table)
    source.warnOfFileNames(diagnostics)
    let rows = try source.open { table.textColumns(for: classifier, in: $0) }
    if let choice = rows.choice, common.verbose { diagnostics.note("columns: \(choice)") }
    let format = PredictionFormat(
      kind(of: rows), classifier: classifier, columns: rows.columns, showsAll: all,
      leastScore: abstain.map { Float($0) })
    let output = try self.output.open()
    if output.isFile { InterruptFlag.install() }
    var work = Classifying(
      rows: rows, classifier: classifier, format: format, output: output,
      progress: TerminalProgress(diagnostics))
    try work.run(chunk: source.isTyped ? 1 : 2_000)
    work.report(to: diagnostics)
  }

  private func kind(of rows: TextRows) -> PredictionFormat.Kind {
    switch rows.format {
    case _ where json: .json
    case nil: .readable
    case .delimited: .table
    case .jsonLines: .objects
    }
  }
}

/// Texts on their way from the input to the output.
private struct Classifying {
  let rows: TextRows
  let classifier: TextClassification
  let format: PredictionFormat
  let output: ResultOutput
  let progress: TerminalProgress
  private var count = 0
  private var (emptyCount, abstainedCount) = (0, 0)
  private var truncation = TruncationReport()

  init(
    rows: TextRows, classifier: TextClassification, format: PredictionFormat, output: ResultOutput,
    progress: TerminalProgress
  ) {
    (self.rows, self.classifier, self.format) = (rows, classifier, format)
    (self.output, self.progress) = (output, progress)
  }

  /// Labels all texts, `chunk` at a time: so memory does not grow with the input.
  mutating func run(chunk: Int) throws {
    // The first rows are read before anything is written: most mistakes show there.
    var waiting = try rows.next(chunk)
    try output.write(format.header())
    while !waiting.isEmpty {
      let predictions = classifier.classify(waiting.map { TextParts($0.parts) })
      for (row, prediction) in zip(waiting, predictions) {
        truncation.count(prediction)
        if format.abstains(from: prediction) { abstainedCount += 1 }
        if row.isEmpty { emptyCount += 1 }
        try output.write(format.row(row, prediction))
      }
      try output.flush()
      count += waiting.count
      try InterruptFlag.check()
      progress.update(count, "texts", share: rows.share)
      waiting = try rows.next(chunk)
    }
    try output.finish()
    progress.clear()
  }

  /// Says what the user should know of the texts.
  func report(to diagnostics: Diagnostics) {
    if format.kind == .table || format.kind == .objects {
      for (wanted, taken) in format.renamed {
        diagnostics.note("the input has '\(wanted)' already; the new one is '\(taken)'.")
      }
    }
    if count == 0 { diagnostics.note("there are no texts in the input.") }
    if emptyCount > 0 {
      diagnostics.note(
        "\(emptyCount.counted("text is", "texts are")) empty; such labels mean nothing.")
    }
    if abstainedCount > 0 {
      diagnostics.note(
        "\(abstainedCount.grouped) of \(count.counted("text", "texts")) left without a label (--abstain)"
      )
    }
    truncation.notes(for: classifier).forEach(diagnostics.note)
  }
}
