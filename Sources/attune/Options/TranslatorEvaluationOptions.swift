// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneDecoding
import AttunePipelines
import AttuneTraining

/// How translators are measured.
struct TranslatorEvaluationOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Column or key of the texts of a translator.", valueName: "name"))
  var sourceColumn: String?

  @Option(help: ArgumentHelp("Column or key of their translations.", valueName: "name"))
  var targetColumn: String?

  @Option(
    help: ArgumentHelp(
      "Beginnings that a translator keeps (default: as its folder says).", valueName: "count"))
  var beamSize: Int?

  @Option(
    help: ArgumentHelp(
      "p in score = log-probability / length^p (default: as its folder says).", valueName: "p"))
  var lengthPenalty: Double?

  @Option(help: ArgumentHelp("Texts translated together (default: 64).", valueName: "count"))
  var batchSize: Int?

  @Option(
    help: ArgumentHelp("Most tokens of a translation (default: 256).", valueName: "count"))
  var maxDecodingLength: Int?

  @Option(help: "How BLEU cuts translations into words: 13a, none, char or intl.")
  var tokenize = ScoringTokenization.mteval13a

  @Flag(help: "Ignore case in BLEU and chrF.")
  var lowercase = false

  @Option(help: ArgumentHelp("Write the translations into this file.", valueName: "file"))
  var saveTranslations: String?

  func validate() throws {
    for (name, value) in [
      ("--beam-size", beamSize), ("--batch-size", batchSize),
      ("--max-decoding-length", maxDecodingLength),
    ] {
      if let value, !(1...1 << 16 ~= value) {
        throw ValidationError("\(name) is \(value), expected 1 or more.")
      }
    }
    if let lengthPenalty, !lengthPenalty.isFinite {
      throw ValidationError("--length-penalty is \(lengthPenalty), expected a number.")
    }
  }

  /// The pairs of one file of two columns, or of two files.
  func pairs(_ files: [String], encoding: TextEncoding) throws -> TranslationPairs {
    let place: PairFiles =
      files.count == 1
      ? .table(files[0], source: sourceColumn, target: targetColumn)
      : .parallel(source: files[0], target: files[1])
    return try TranslationPairs(place, encoding: encoding)
  }

  /// How the translator works.
  func options(for translation: Translation) -> Translation.Options {
    var options = Translation.Options()
    options.beamSize = beamSize
    options.length = lengthPenalty.map { .power($0) }
    options.maximumLength = maxDecodingLength
    if let batchSize { options.batchSize = batchSize }
    return options
  }
}
