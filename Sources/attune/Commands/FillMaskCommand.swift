// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttunePipelines

/// `attune fill-mask`
struct FillMaskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fill-mask",
    abstract: "Guess what stands behind the masks of texts.",
    discussion: """
      Texts are arguments, lines of standard input (-), or the rows of a file (--input). Each holds \
      the mask token of the model, such as [MASK] or <mask>, at least once; several masks are \
      guessed apart. The model is one that 'attune pretrain' made, or a masked-token model of \
      transformers (BertForMaskedLM and its relatives).

        attune fill-mask "The film was [MASK]." --model models/reviews
        cat lines.txt | attune fill-mask - --model models/reviews --top-k 1 --json
      """)

  @Argument(help: ArgumentHelp("Texts, or - for the lines of standard input.", valueName: "text"))
  var texts: [String] = []

  @Option(help: ArgumentHelp("File of texts; - is standard input.", valueName: "file"))
  var input: String?

  @Option(help: "How the texts stand in the file (default: by its name, else lines).")
  var format: InputFormat?

  @Option(help: ArgumentHelp("Folder of the model, or of a run.", valueName: "dir"))
  var model: String

  @Option(help: ArgumentHelp("Tokens shown for each mask (default: 5).", valueName: "count"))
  var topK = 5

  @OptionGroup var table: TableOptions

  @Flag(help: "Print one JSON object a line: text, best, masks.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    try TextSource.validate(texts: texts, input: input)
    if !(1...1_000_000).contains(topK) {
      throw ValidationError("--top-k is \(topK), expected a number from 1 to 1000000.")
    }
  }

  func run() throws {
    let diagnostics = common.apply()
    let fill = try FillMask(contentsOf: model)
    let source = TextSource(texts: texts, input: input, format: format, table: table)
    source.warnOfFileNames(diagnostics)
    let rows = try source.open { _ in table.textColumns }
    let output = ResultOutput()
    let chunk = source.isTyped ? 1 : 256
    var isFirst = true
    while case let waiting = try rows.next(chunk), !waiting.isEmpty {
      for filled in try fill(waiting.map { TextParts($0.parts).joined }, count: topK) {
        if json {
          try output.write(document(filled))
        } else {
          if !isFirst { try output.write("\n") }
          try output.write(table(filled).text)
        }
        isFirst = false
      }
      if source.isTyped { try output.flush() }
    }
    try output.finish()
  }

  private func document(_ filled: FilledText) -> JSONValue {
    let masks = filled.masks.enumerated().map { mask, candidates in
      JSONValue.array(
        candidates.enumerated().map { place, candidate in
          [
            "token": .string(candidate.token), "id": .integer(Int(candidate.id)),
            "probability": .number(candidate.probability),
            "text": .string(filled.text(mask: mask, candidate: place)),
          ]
        })
    }
    return [
      "text": .string(filled.text), "best": .string(filled.best), "masks": .array(masks),
    ]
  }

  /// A line for each candidate: the token, its probability, the text with it.
  private func table(_ filled: FilledText) -> TextTable {
    var table = TextTable(.left, .right, .left)
    for (mask, candidates) in filled.masks.enumerated() {
      for (place, candidate) in candidates.enumerated() {
        table.append([
          candidate.token, candidate.probability.decimal(4),
          filled.text(mask: mask, candidate: place),
        ])
      }
    }
    return table
  }
}
