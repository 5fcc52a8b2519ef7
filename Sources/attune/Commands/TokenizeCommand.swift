// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneCheckpoints
import AttuneData
import AttuneFormats
import AttunePipelines
import AttuneTokenizers

/// `attune tokenize`
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Show the tokens that a model sees of texts.",
    discussion: """
      Prints each token with its id and the bytes of the text that it stands for.

        attune tokenize "A wonderful, moving film."
      """)

  @Argument(help: ArgumentHelp("Texts, or - for the lines of standard input.", valueName: "text"))
  var texts: [String] = []

  @Option(help: ArgumentHelp("File of texts, one a line; - is standard input.", valueName: "file"))
  var input: String?

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "tokenizer.json, vocab.txt or the folder of one, instead of a model's.", valueName: "path"))
  var tokenizer: String?

  @Flag(help: "Print one JSON object a line: text, tokens, ids, offsets.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    try TextSource.validate(texts: texts, input: input)
    if model.model != nil, tokenizer != nil {
      throw ValidationError("Give --model or --tokenizer, not both.")
    }
  }

  func run() throws {
    let diagnostics = common.apply()
    let tokenizer = try loadTokenizer()
    let table = try TableOptions.parse([])
    let source = TextSource(texts: texts, input: input, format: .lines, table: table)
    source.warnOfFileNames(diagnostics)
    let rows = try source.open { _ in [] }
    let output = ResultOutput()
    while let row = try rows.next(1).first {
      let text = TextParts(row.parts).joined
      let tokens = TokenList(text, of: tokenizer)
      if json { try output.write(tokens.json) } else { try output.write(tokens.text) }
      if source.isTyped { try output.flush() }
    }
    try output.finish()
  }

  private func loadTokenizer() throws -> Tokenizer {
    if let tokenizer { return try Tokenizer(contentsOf: tokenizer) }
    // A model that is no classifier still has a tokenizer.
    if let model = model.model {
      let path = TrainingRun.bestModel(of: model)
      // Only such a folder may keep its tokenizer deeper; any other needs no model beside it.
      let isEmbedder = FileSystem.exists(FileSystem.join(path, ModelFolder.modulesFile))
      return try Tokenizer(contentsOf: isEmbedder ? ModelFolder(path).encoderPath : path)
    }
    return try TextClassification.bundled().tokenizer
  }
}

/// The tokens of a text.
private struct TokenList {
  let source: String
  let encoding: Encoding
  let tokens: [String]

  init(_ text: String, of tokenizer: Tokenizer) {
    source = text
    let encoding = tokenizer.encode(text)
    tokens = encoding.ids.map { tokenizer.token(of: $0) ?? "" }
    self.encoding = encoding
  }

  var json: JSONValue {
    [
      "text": .string(source), "tokens": .array(tokens.map { .string($0) }),
      "ids": .array(encoding.ids.map { .integer(Int($0)) }),
      "offsets": .array(
        encoding.offsets.map { .array([.integer($0.lowerBound), .integer($0.upperBound)]) }),
    ]
  }

  var text: String {
    var table = TextTable(.right, .left)
    let bytes = Array(source.utf8)
    for (index, token) in tokens.enumerated() {
      let range = encoding.offsets[index]
      let piece = String(decoding: bytes[range], as: UTF8.self).onOneLine
      table.append(
        ["\(encoding.ids[index])", token.onOneLine]
          + (range.isEmpty ? [] : ["\(range.lowerBound)-\(range.upperBound)", "'\(piece)'"]))
    }
    return "\(source.onOneLine)\n\(table.text)\n"
  }
}
