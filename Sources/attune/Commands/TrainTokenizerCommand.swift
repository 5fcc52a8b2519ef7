// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttuneRecipes
import AttuneTokenizers

/// `attune train-tokenizer`
struct TrainTokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-tokenizer",
    abstract: "Learn a tokenizer from texts.",
    discussion: """
      Reads texts, one a line, or a column of CSV, TSV or JSON lines files (--column), gzip or \
      not; - is standard input. Writes tokenizer.json, which the tokenizers package opens with \
      equal ids: alone where --output ends in .json, else a folder of all that transformers \
      reads. The same texts and options give the same bytes, whatever the order of the texts and \
      the number of threads. Memory grows with the distinct words, not with the texts.

        attune train-tokenizer reviews.txt.gz --model wordpiece --vocabulary-size 8000 --output tokenizer.json
        attune train-tokenizer reviews.csv --column review --model bpe --output tokenizers/reviews
        zcat corpus.gz | attune train-tokenizer - --model unigram --output tokenizers/corpus
      """)

  @Argument(help: ArgumentHelp("Files of texts, or -.", valueName: "corpus"))
  var corpus: [String]

  @Option(help: ArgumentHelp("A .json file or a folder to be made.", valueName: "path"))
  var output: String

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  @OptionGroup(title: "Tokenizer") var tokenizer: TokenizerTrainerOptions
  @OptionGroup(title: "Texts") var texts: CorpusOptions

  @Option(
    help: ArgumentHelp(
      "File of texts to count tokens in afterwards (default: some of the corpus).",
      valueName: "file"))
  var validation: String?

  @Option(
    help: ArgumentHelp(
      "Part of the corpus that is kept for it otherwise; 0: none (default: 0.01).",
      valueName: "share"))
  var validationShare: Double?

  @Flag(help: "Print the result as one JSON document.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    try ValidationError.exclude(
      ("--validation", validation != nil), ("--validation-share", validationShare != nil))
    if let share = validationShare, !(share >= 0 && share < 1) {
      throw ValidationError("--validation-share is \(share), expected 0 to below 1.")
    }
    if corpus.count(where: { $0 == "-" }) > 1 {
      throw ValidationError("Standard input can be read once only.")
    }
  }

  func run() throws {
    let diagnostics = common.apply()
    InterruptFlag.install()
    let progress = TerminalProgress(diagnostics)
    let report = try TokenizerTraining.run(request, tokenizer.trainer) { state, share in
      try InterruptFlag.check()
      switch state {
      case .counting(let texts): progress.update(texts, "texts", share: share)
      case .merging(let size, let goal):
        progress.update("\(size.grouped) of \(goal.grouped) tokens")
      case .pruning(let pieces, let goal):
        progress.update("\(pieces.grouped) pieces on the way down to \(goal.grouped)")
      }
    }
    progress.clear()
    if report.tokenizer.vocabularySize < tokenizer.vocabularySize {
      diagnostics.note(
        "the texts hold no more than \(report.tokenizer.vocabularySize.grouped) tokens worth learning"
          + " (--vocabulary-size \(tokenizer.vocabularySize)).")
    }
    let output = ResultOutput()
    if json {
      try output.write(document(report), .pretty)
    } else {
      try output.write(table(report).text)
    }
    try output.finish()
  }

  private var request: TokenizerTraining.Request {
    var request = TokenizerTraining.Request(corpus: texts.files(corpus), output: output)
    request.validation = validation.map { texts.files([$0]) }
    if let validationShare { request.validationShare = validationShare }
    request.overwrites = overwrite
    return request
  }

  private func document(_ report: TokenizerTraining.Report) -> JSONValue {
    var document = JSONObject([
      ("model", .string(tokenizer.model.rawValue)),
      ("vocabulary_size", .integer(report.tokenizer.vocabularySize)),
      ("texts", .integer(report.textCount)),
      ("distinct_words", .integer(report.distinctWordCount)),
    ])
    if let fit = report.fit {
      document["validation"] = [
        "texts": .integer(fit.textCount), "words": .integer(fit.wordCount),
        "tokens": .integer(fit.tokenCount), "unknown_tokens": .integer(fit.unknownCount),
        "tokens_per_word": .number(fit.tokensPerWord),
        "bytes_per_token": .number(fit.bytesPerToken),
      ]
    }
    document["seconds"] = .number(report.seconds)
    document["output"] = .string(output)
    return .object(document)
  }

  private func table(_ report: TokenizerTraining.Report) -> TextTable {
    var table = TextTable(.left)
    table.append(["vocabulary size", report.tokenizer.vocabularySize.grouped])
    table.append([
      "learned from",
      "\(report.textCount.counted("text", "texts")), "
        + report.distinctWordCount.counted("distinct word", "distinct words"),
    ])
    if let fit = report.fit {
      let unknown = fit.tokenCount == 0 ? 0 : Double(fit.unknownCount) / Double(fit.tokenCount)
      table.append(["tokens per word", fit.tokensPerWord.decimal(3)])
      table.append(["bytes per token", fit.bytesPerToken.decimal(2)])
      table.append(["unknown tokens", "\((100 * unknown).decimal(3)) %"])
      table.append([
        "counted in",
        "\(fit.textCount.counted("text", "texts")) that were not learned from",
      ])
    }
    table.append(["took", "\(report.seconds.decimal(1)) s"])
    table.append(["output", output])
    return table
  }
}
