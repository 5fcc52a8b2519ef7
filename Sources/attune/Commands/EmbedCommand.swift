// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttunePipelines

/// `attune embed`
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Turn texts into vectors.",
    discussion: """
      Texts are arguments, lines of standard input (-), or the rows of a file (--input). The name \
      of the output says how vectors are written: .npy for numpy, .jsonl for one JSON object a \
      line, .csv or .tsv for the rows of the input with a column for each number. Without a file \
      each line is a vector, its numbers between spaces. The texts' order stays.

        attune embed --model all-MiniLM-L6-v2 --json "A wonderful, moving film."
        attune embed --model all-MiniLM-L6-v2 --input reviews.csv --output vectors.npy
      """)

  @Argument(help: ArgumentHelp("Texts, or - for the lines of standard input.", valueName: "text"))
  var texts: [String] = []

  @Option(help: ArgumentHelp("File of texts; - is standard input.", valueName: "file"))
  var input: String?

  @Option(help: "How the texts stand in the file (default: by its name, else lines).")
  var format: InputFormat?

  @OptionGroup var embedder: EmbedderOptions
  @OptionGroup var table: TableOptions

  @Flag(help: "Print one JSON object a line: text, embedding.")
  var json = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    try TextSource.validate(texts: texts, input: input)
    _ = try VectorFormat(path: output.output, isJSON: json)
  }

  func run() throws {
    let diagnostics = common.apply()
    let embedding = try embedder.load(diagnostics)
    let options = try embedder.options(for: embedding)
    let source = TextSource(texts: texts, input: input, format: format, table: table)
    source.warnOfFileNames(diagnostics)
    let rows = try source.open { _ in table.textColumns }
    if let choice = rows.choice, common.verbose { diagnostics.note("columns: \(choice)") }
    // The first rows are read before anything is written: most mistakes show there.
    let chunk = source.isTyped ? 1 : 512
    var waiting = try rows.next(chunk)
    let output = try VectorOutput(
      VectorFormat(path: output.output, isJSON: json), to: output, columns: rows.columns,
      dimension: embedding.dimension)
    if output.isFile { InterruptFlag.install() }
    let progress = TerminalProgress(diagnostics)
    var tally = TextTally()
    while !waiting.isEmpty {
      let vectors = embedding.embed(waiting.map { TextParts($0.parts).joined }, options)
      try output.write(waiting, vectors)
      tally.add(waiting, vectors.truncatedCounts)
      try InterruptFlag.check()
      progress.update(tally.count, "texts", share: rows.share)
      waiting = try rows.next(chunk)
    }
    try output.finish()
    progress.clear()
    tally.report(
      to: diagnostics,
      maximumLength: min(options.maximumLength ?? .max, embedding.maximumLength))
    if common.verbose { diagnostics.note("\(tally.count.counted("text", "texts")) embedded.") }
  }
}
