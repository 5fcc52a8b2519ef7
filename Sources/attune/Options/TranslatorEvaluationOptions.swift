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

  @Option(help: "How BLEU cuts translations into words: 13a, none, char or intl.")
  var tokenize = ScoringTokenization.mteval13a

  @Flag(help: "Ignore case in BLEU and chrF.")
  var lowercase = false

  /// The pairs of one file of two columns, or of two files.
  func pairs(_ files: [String], encoding: TextEncoding) throws -> TranslationPairs {
    let place: PairFiles =
      files.count == 1
      ? .table(files[0], source: sourceColumn, target: targetColumn)
      : .parallel(source: files[0], target: files[1])
    return try TranslationPairs(place, encoding: encoding)
  }

  /// How the translator works.
  func options(_ writing: WriterEvaluationOptions) -> Translation.Options {
    var options = Translation.Options()
    options.writing = writing.options
    return options
  }
}
