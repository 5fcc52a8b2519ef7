// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttuneModels
import AttunePipelines

/// `attune similar`
struct SimilarCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similar",
    abstract: "Tell how alike texts are.",
    discussion: """
      Texts are compared with each other; queries (--query) with every text of a file (--input), \
      of which the most similar are printed; or, without a query, the two texts of each row of a \
      table, which comes out with the column 'similarity' appended.

        attune similar --model all-MiniLM-L6-v2 "It is sunny." "The weather is fine." "He drove."
        attune similar --model all-MiniLM-L6-v2 --query "good acting" --input reviews.csv --top 5
        attune similar --model all-MiniLM-L6-v2 --input pairs.csv --text-column a --text-column b
      """)

  @Argument(help: ArgumentHelp("Texts, or - for the lines of standard input.", valueName: "text"))
  var texts: [String] = []

  @Option(help: ArgumentHelp("Text to look for; may be given often.", valueName: "text"))
  var query: [String] = []

  @Option(help: ArgumentHelp("File of texts, or of pairs of them.", valueName: "file"))
  var input: String?

  @Option(help: "How the texts stand in the file (default: by its name, else lines).")
  var format: InputFormat?

  @Option(
    help: ArgumentHelp(
      "Vectors of the texts in --input, as 'attune embed' wrote them.", valueName: "npy"))
  var vectors: String?

  @Option(help: ArgumentHelp("How many of the most similar texts to print.", valueName: "count"))
  var top = 10

  @Option(help: "How vectors are compared (default: as the model says, mostly cosine).")
  var similarity: EmbeddingSimilarity?

  @OptionGroup var embedder: EmbedderOptions
  @OptionGroup var table: TableOptions

  @Flag(help: "Print JSON: one document for texts, else one object a line.")
  var json = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if !query.isEmpty, input == nil {
      throw ValidationError("A --query looks through a file: name it with --input.")
    }
    if vectors != nil, query.isEmpty {
      throw ValidationError("--vectors are looked through for a --query; give one.")
    }
    if !(1...100_000).contains(top) {
      throw ValidationError("--top is \(top), expected a number from 1 to 100000.")
    }
    if texts.count == 1, texts != ["-"] {
      throw ValidationError("There is one text; give two or more to compare.")
    }
    try TextSource.validate(texts: texts, input: input)
  }

  func run() throws {
    let diagnostics = common.apply()
    let embedding = try embedder.load(diagnostics)
    let source = TextSource(texts: texts, input: input, format: format, table: table)
    source.warnOfFileNames(diagnostics)
    let work = Comparing(
      embedding: embedding, embedder: embedder,
      similarity: similarity ?? embedding.configuration.similarity, json: json,
      diagnostics: diagnostics)
    if !query.isEmpty {
      let vectors = try vectors.map { try NumpyArrayReader(path: $0) }
      let rows = try source.open { _ in table.textColumns }
      let output = try self.output.open()
      try work.search(query, in: rows, vectors, limit: top, to: output)
    } else if input != nil {
      let rows = try source.open(textColumns: Self.pair(table.textColumns))
      guard rows.choice?.text.count == 2 else {
        throw ValidationError(
          "Without a query each row of --input is a pair: name its two columns with --text-column, "
            + "given twice.")
      }
      try work.comparePairs(rows, to: output)
    } else {
      try work.compareAll(source.open { _ in [] }, to: output.open())
    }
  }

  /// The columns of a pair: as told, or both of a table that has two.
  private static func pair(_ told: [String]) -> ([String]) -> [String] {
    { columns in told.isEmpty && columns.count == 2 ? columns : told }
  }
}
