// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttunePipelines

/// `attune caption`
struct CaptionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caption",
    abstract: "Write texts about vectors.",
    discussion: """
      Vectors are the rows of a .npy file of two axes, the items of one of three axes, the rows of a \
      CSV file, or the lines of JSON lines; each caption is a line, in their order. With --n-best \
      each line is the row of the vector from 0, the score and the caption, between tabulators. A \
      vector keeps its caption whatever stands beside it.

        attune caption --model models/photos --vectors photos.npy
        attune caption --model models/photos --vectors photos.npy --rows 0-9 --n-best 3 --json
        attune embed --model minilm --input texts.txt --output texts.npy
        attune caption --model models/texts --vectors texts.npy --output again.txt
      """)

  @Option(help: ArgumentHelp("File of vectors; - is standard input.", valueName: "file"))
  var vectors: String

  @Option(
    help: ArgumentHelp(
      "How vectors are stored: npy, csv or jsonl (default: by the name of their file).",
      valueName: "format"))
  var vectorsFormat: FeatureFormat?

  @Option(
    help: ArgumentHelp("Rows to caption, from 0: 7, 0-9 or 100- (default: all).", valueName: "rows")
  )
  var rows: RowRange?

  @Option(
    help: ArgumentHelp(
      "Folder of the captioner (default: the bundled one of emoji features).", valueName: "dir"))
  var model: String?

  @OptionGroup var precision: InferencePrecisionOption

  @OptionGroup(title: "Search") var decoding: DecodingOptions

  @Flag(
    help: ArgumentHelp(
      "Print one JSON object a line: row, text, score; 'hypotheses' with --n-best."))
  var json = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  /// Vectors that are captioned between two looks at the keyboard.
  private static let chunk = 1_024

  func run() throws {
    let diagnostics = common.apply()
    let captioner =
      try model.map { try VectorToText(contentsOf: $0, precision: precision.precision) }
      ?? .bundled(precision: precision.precision)
    var options = decoding.options(captioner.generation)
    let vectors = try FeatureVectors(path: vectors, format: vectorsFormat)
    try captioner.require(vectors)
    let rows = try rows?.rows(of: vectors.count) ?? 0..<vectors.count
    let output = try self.output.open()
    if output.isFile { InterruptFlag.install() }
    let format = CaptionFormat(isJSON: json, hypothesisCount: decoding.hypothesisCount)
    options.returnsScores = format.showsScores
    let progress = TerminalProgress(diagnostics)
    var unfinishedCount = 0
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.chunk) {
      let part = first..<min(first + Self.chunk, rows.upperBound)
      for caption in try captioner.captions(for: vectors, rows: Array(part), options) {
        if !caption.hypotheses[0].isFinished { unfinishedCount += 1 }
        try output.write(try format.text(of: caption))
      }
      try output.flush()
      try InterruptFlag.check()
      progress.update(
        part.upperBound - rows.lowerBound, "vectors",
        share: Double(part.upperBound - rows.lowerBound) / Double(rows.count))
    }
    try output.finish()
    progress.clear()
    if unfinishedCount > 0 {
      diagnostics.note(
        "\(unfinishedCount.counted("caption", "captions")) cut at the maximum length "
          + "(--max-decoding-length).")
    }
  }
}
