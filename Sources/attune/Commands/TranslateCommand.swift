// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttuneModels
import AttunePipelines
import AttuneSystem

/// `attune translate`
struct TranslateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Translate texts.",
    discussion: """
      Texts are arguments, lines of standard input (-), or the rows of a file (--input); each \
      translation is a line, in the order of the texts. With --n-best each line is the number of \
      the text, the score and the translation, between tabulators. In greedy search and in \
      sampling, a terminal shows the tokens as they are written.

      A text keeps its translation whatever stands beside it. A model reads at most so many tokens \
      of a text as it was trained for; the rest is cut off and counted, so give it sentences.

        attune translate "Where is the station?"
        attune translate --model models/en-fr --input news.en --output news.fr --beam-size 5
        attune translate --model models/en-fr --n-best 3 --json - < news.en
        attune translate --model models/en-fr --align svg "A red house." > alignment.svg
      """)

  @Argument(help: ArgumentHelp("Texts, or - for the lines of standard input.", valueName: "text"))
  var texts: [String] = []

  @Option(help: ArgumentHelp("File of texts; - is standard input.", valueName: "file"))
  var input: String?

  @Option(help: "How the texts stand in the file (default: by its name, else lines).")
  var format: InputFormat?

  @OptionGroup var table: TableOptions

  @Option(
    help: ArgumentHelp(
      """
      Folder of the translator: one that was trained here, or any of Marian (default: the bundled \
      one from English into French).
      """, valueName: "dir"))
  var model: String?

  @OptionGroup var precision: InferencePrecisionOption

  @OptionGroup(title: "Search") var search: TranslationOptions

  @Option(
    help: ArgumentHelp(
      """
      File with a translation of each text, line by line: print how probable the model finds them \
      instead of translating.
      """, valueName: "file"))
  var scoreReferences: String?

  @Option(help: "Show which source tokens each token attends to: table, json or svg.")
  var align: AlignmentFormat?

  @Flag(inversion: .prefixedNo, help: "Write each token at once (default: on a terminal).")
  var stream: Bool?

  @Flag(
    help: ArgumentHelp(
      """
      Print one JSON object a line: source, text, score; 'hypotheses' with --n-best, 'alignment' \
      with --align, 'tokens_cut' of long texts.
      """))
  var json = false

  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    try TextSource.validate(texts: texts, input: input)
    if stream == true, json || align != nil || search.decoding.hypothesisCount > 1 {
      throw ValidationError("--stream shows plain translations, one of each text.")
    }
    if json, align == .table || align == .svg {
      throw ValidationError("--json prints alignments as JSON: --align json.")
    }
    if scoreReferences != nil, search.decoding.hypothesisCount > 1 || stream == true {
      throw ValidationError("--score-references translates nothing.")
    }
  }

  func run() throws {
    let diagnostics = common.apply()
    let translation =
      try model.map { try Translation(contentsOf: $0, precision: precision.precision) }
      ?? .bundled(precision: precision.precision)
    var options = search.options(for: translation)
    options.returnsAlignment = align != nil
    let source = TextSource(texts: texts, input: input, format: format, table: table)
    source.warnOfFileNames(diagnostics)
    let rows = try source.open { _ in table.textColumns }
    if let choice = rows.choice, common.verbose { diagnostics.note("columns: \(choice)") }
    let output = try self.output.open()
    if output.isFile { InterruptFlag.install() }
    let format = TranslationFormat(
      isJSON: json || align == .json, alignment: align,
      hypothesisCount: search.decoding.hypothesisCount)
    var work = Translating(
      rows: rows, translation: translation, options: options, format: format, output: output,
      progress: TerminalProgress(diagnostics))
    if let scoreReferences {
      work.references = try LinesReader(path: scoreReferences, encoding: table.encoding ?? .utf8)
    }
    let streams = try streams(options, translation, output)
    let isSingly = streams || source.isTyped
    work.options.returnsScores = isSingly || format.showsScores
    try work.run(chunk: isSingly ? 1 : 1_024, streams: streams)
    work.report(to: diagnostics)
  }

  /// Whether tokens are shown as they are written.
  private func streams(
    _ options: Translation.Options, _ translation: Translation, _ output: ResultOutput
  ) throws -> Bool {
    let isStepwise =
      options.sampling != nil || (options.beamSize ?? translation.generation.beamWidth) == 1
    if stream == true, !isStepwise {
      throw ValidationError(
        "--stream needs --beam-size 1 or sampling: a beam knows its best translation at the end.")
    }
    let isPlain =
      !json && align == nil && search.decoding.hypothesisCount == 1 && scoreReferences == nil
    return stream ?? (isStepwise && isPlain && !output.isFile && isatty(1) != 0)
  }
}

/// Texts on their way from the input to the output.
private struct Translating {
  let rows: TextRows
  let translation: Translation
  var options: Translation.Options
  var format: TranslationFormat
  let output: ResultOutput
  let progress: TerminalProgress
  var references: LinesReader?
  private var count = 0
  private var (emptyCount, cutTextCount, unfinishedCount) = (0, 0, 0)

  init(
    rows: TextRows, translation: Translation, options: Translation.Options,
    format: TranslationFormat, output: ResultOutput, progress: TerminalProgress
  ) {
    (self.rows, self.translation, self.options) = (rows, translation, options)
    (self.format, self.output, self.progress) = (format, output, progress)
  }

  /// Translates all texts, `chunk` at a time: so memory does not grow with the input.
  mutating func run(chunk: Int, streams: Bool) throws {
    // The first rows are read before anything is written: most mistakes show there.
    var waiting = try rows.next(chunk)
    while !waiting.isEmpty {
      let texts = waiting.map { TextParts($0.parts).joined }
      if references != nil {
        try score(texts)
      } else if streams {
        for text in texts { try stream(text) }
      } else {
        try translate(texts)
      }
      emptyCount += waiting.count(where: \.isEmpty)
      count += waiting.count
      try output.flush()
      try InterruptFlag.check()
      progress.update(count, "texts", share: rows.share)
      waiting = try rows.next(chunk)
    }
    if let references, try references.next() != nil {
      throw ReferenceCountError(file: references.name, texts: count, hasMore: true)
    }
    try output.write(format.footer)
    try output.finish()
    progress.clear()
  }

  private mutating func translate(_ texts: [String]) throws {
    let found = translation.translate(texts, options, firstSentence: count)
    for (index, translated) in found.enumerated() {
      note(translated)
      try output.write(format.text(of: translated, number: count + index + 1))
    }
  }

  private mutating func stream(_ text: String) throws {
    var shown = ""
    var failure: (any Error)?
    let translated = translation.translate(text, options, sentence: count) { written in
      let text = translation.text(of: written)
      // A character of several tokens waits for its last one.
      guard text.utf8.starts(with: shown.utf8), text.unicodeScalars.last != "\u{FFFD}" else {
        return
      }
      do {
        try output.write(Array(text.utf8.dropFirst(shown.utf8.count)))
        try output.flush()
        shown = text
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    note(translated)
    let isWhole = translated.text.utf8.starts(with: shown.utf8)
    let rest = isWhole ? Array(translated.text.utf8.dropFirst(shown.utf8.count)) : []
    try output.write(rest + (isWhole ? [] : [0x0A] + Array(translated.text.utf8)) + [0x0A])
  }

  private mutating func score(_ texts: [String]) throws {
    guard let references else { return }
    var given: [String] = []
    for _ in texts {
      guard let reference = try references.next() else {
        throw ReferenceCountError(
          file: references.name, texts: count + texts.count, hasMore: false)
      }
      given.append(reference)
    }
    let scores = translation.scores(of: given, for: texts, options)
    for (text, (reference, score)) in zip(texts, zip(given, scores)) {
      try output.write(format.text(of: score, source: text, reference: reference))
    }
  }

  private mutating func note(_ translated: Translation.Translated) {
    if translated.truncatedCount > 0 { cutTextCount += 1 }
    if !translated.hypotheses[0].isFinished { unfinishedCount += 1 }
  }

  /// Says what the user should know of the texts.
  func report(to diagnostics: Diagnostics) {
    if count == 0 { diagnostics.note("there are no texts in the input.") }
    if emptyCount > 0 {
      diagnostics.note(
        "\(emptyCount.counted("text is", "texts are")) empty; so are such translations.")
    }
    if cutTextCount > 0 {
      let length = min(options.maximumSourceLength, translation.maximumSourceLength)
      diagnostics.note(
        "\(cutTextCount.counted("text is", "texts are")) longer than \(length) tokens; what is "
          + "beyond was not read.")
    }
    if unfinishedCount > 0 {
      diagnostics.note(
        "\(unfinishedCount.counted("translation", "translations")) cut at the maximum length "
          + "(--max-decoding-length).")
    }
  }
}

/// References that are not one for each text.
struct ReferenceCountError: AttuneError, Equatable {
  let file: String
  let texts: Int
  let hasMore: Bool

  var exitCode: ExitStatus { .data }

  var description: String {
    "\(file): found \(hasMore ? "more" : "fewer") lines than the \(texts) texts, expected the "
      + "translation of each text on its line."
  }
}
