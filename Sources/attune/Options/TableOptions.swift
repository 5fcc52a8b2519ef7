// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneModels
import AttunePipelines

/// How a table of texts is read.
struct TableOptions: ParsableArguments {
  @Option(
    name: .customLong("text-column"),
    help: ArgumentHelp(
      "Column of the text; given twice, the columns are a pair; more often, they are joined.",
      valueName: "name"))
  var textColumns: [String] = []

  @Option(
    help: ArgumentHelp(
      "How the characters of the file are written as bytes (default: utf8).", valueName: "encoding"
    ))
  var encoding: TextEncoding?

  @Option(
    help: ArgumentHelp(
      "What stands between fields: comma, semicolon, tab or pipe (default: found out).",
      valueName: "delimiter"))
  var delimiter: Delimiter?

  var delimited: DelimitedOptions {
    DelimitedOptions(delimiter: delimiter, encoding: encoding ?? .utf8)
  }

  /// What the user says, or else the columns that the model was trained with, where the file has them.
  func textColumns(for model: TextClassification, in columns: [String]) -> [String] {
    guard textColumns.isEmpty else { return textColumns }
    let trained = model.textColumns
    return trained.allSatisfy(columns.contains) ? trained : []
  }

  /// Where labels stand: in the user's column, or else where they stood when the model was trained, where the file has such columns.
  func labels(
    for model: TextClassification, named column: String?, in columns: [String]
  ) -> LabelReading {
    let trained = model.labelColumn.flatMap { columns.contains($0) ? $0 : nil }
    guard model.task == .multiLabel else { return .whole(column: column ?? trained) }
    let own = model.labelColumns
    if column == nil, !own.isEmpty, own.allSatisfy(columns.contains) { return .columns(own) }
    return .separated(column: column ?? trained, separator: model.settings.labelSeparator)
  }
}
