// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneRecipes
import AttuneTraining

/// Where the texts of a pretraining stand.
struct PretrainingTextOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Column or key of the texts in tables.", valueName: "name"))
  var textColumn: String?

  @Option(help: ArgumentHelp("How the files are encoded (default: utf8).", valueName: "name"))
  var encoding: TextEncoding?

  @Option(
    help: ArgumentHelp(
      "What stands between fields: comma, semicolon, tab or pipe (default: found out).",
      valueName: "delimiter"))
  var delimiter: Delimiter?

  @Option(
    help: ArgumentHelp(
      "Whether each of the lines is a document, or paragraphs with empty lines between them (default: lines).",
      valueName: "kind"))
  var documents: PretrainingSettings.Documents?

  func apply(to settings: inout PretrainingSettings) {
    settings.column = textColumn
    settings.encoding = encoding?.rawValue
    settings.delimiter = delimiter?.rawValue
    settings.documents = documents
  }
}

/// The sizes of an encoder that learns from nothing.
struct PretrainingModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Tokenizer, as a file or a folder (default: one of word pieces is learned).",
      valueName: "path"))
  var tokenizer: String?

  @Option(help: ArgumentHelp("Tokens of a tokenizer that is learned.", valueName: "count"))
  var vocabulary: Int?

  @OptionGroup var vectors: WordVectorOption

  @Flag(help: "Tell upper from lower case, and keep accents.")
  var cased = false

  @Option(help: ArgumentHelp("Layers.", valueName: "count"))
  var layers: Int?

  @Option(help: ArgumentHelp("Width of the states.", valueName: "size"))
  var dimension: Int?

  @Option(help: ArgumentHelp("Heads of the attention.", valueName: "count"))
  var heads: Int?

  @Option(help: ArgumentHelp("Width inside the feed-forward networks.", valueName: "size"))
  var feedForward: Int?

  func apply(to settings: inout PretrainingSettings) {
    (settings.tokenizer, settings.vocabularySize) = (tokenizer, vocabulary)
    settings.wordVectors = vectors.wordVectors
    settings.lowercases = cased ? false : nil
    (settings.layers, settings.dimension, settings.heads) = (layers, dimension, heads)
    settings.feedForwardDimension = feedForward
  }
}

/// What is hidden of the texts.
struct MaskingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Tokens that the model sees at once (default: 256).", valueName: "count"))
  var window: Int?

  @Option(
    help: ArgumentHelp(
      "Whether documents follow each other without a gap (continuous) or a window has tokens of one of the documents alone (default: continuous).",
      valueName: "kind"))
  var packing: CorpusPacking?

  @Option(
    help: ArgumentHelp(
      "Share of the tokens that are to be guessed (default: 0.15, as in BERT; modern: 0.3).",
      valueName: "share"))
  var maskRate: Float?

  @Option(
    help: ArgumentHelp("Share of these that the mask replaces (default: 0.8).", valueName: "share"))
  var maskShare: Float?

  @Option(
    help: ArgumentHelp(
      "Share of these that random tokens replace (default: 0.1); the rest stays.",
      valueName: "share"))
  var randomShare: Float?

  @Flag(help: "Hide all tokens of a word together.")
  var wholeWords = false

  @Flag(help: "Learn also which text follows another, as BERT does.")
  var nextSentence = false

  func apply(to settings: inout PretrainingSettings) {
    (settings.windowLength, settings.packing) = (window, packing)
    (settings.maskRate, settings.maskShare, settings.randomShare) =
      (maskRate, maskShare, randomShare)
    settings.wholeWords = wholeWords ? true : nil
    settings.nextSentence = nextSentence ? true : nil
  }
}

/// How a pretraining goes.
struct PretrainingLearningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Time for all, as 90m or 2h: some steps are measured and become a number of steps, which the run keeps.",
      valueName: "time"))
  var budget: TimeBudget?

  @OptionGroup var common: LearningOptions

  @Option(help: ArgumentHelp("Tokens in a batch.", valueName: "count"))
  var batchTokens: Int?

  @Option(
    help: ArgumentHelp(
      "Share of the steps in which their batches grow from one to all of --accumulate (default: 0.6).",
      valueName: "share"))
  var ramp: Double?

  @Option(help: ArgumentHelp("Share of the steps in which the rate rises.", valueName: "share"))
  var warmUp: Double?

  @Option(help: ArgumentHelp("Evaluations in the whole run (default: 20).", valueName: "count"))
  var evaluations: Int?

  func validate() throws {
    try ValidationError.exclude(
      ("--budget", budget != nil), ("--epochs", common.epochs != nil),
      ("--max-steps", common.maxSteps != nil))
  }

  func apply(to settings: inout PretrainingSettings) {
    common.apply(to: &settings)
    settings.budget = budget?.seconds
    (settings.batchTokens, settings.ramp, settings.warmUp) = (batchTokens, ramp, warmUp)
    settings.evaluations = evaluations
  }
}

/// A time in seconds, minutes, hours or days: `90`, `45m`, `1.5h`.
struct TimeBudget: ExpressibleByArgument {
  let seconds: Double

  init?(argument: String) {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    let unit = argument.last.flatMap { units[$0] }
    guard let number = Double(unit == nil ? argument : String(argument.dropLast())),
      number > 0, number.isFinite
    else { return nil }
    seconds = number * (unit ?? 1)
  }
}
