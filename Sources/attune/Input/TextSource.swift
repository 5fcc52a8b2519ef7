// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttuneSystem

/// Where the texts of a command come from.
struct TextSource {
  let texts: [String]
  let input: String?
  let format: InputFormat?
  let table: TableOptions

  /// Throws what the command line says wrongly about the texts.
  static func validate(texts: [String], input: String?) throws {
    if input != nil, !texts.isEmpty {
      throw ValidationError("Give texts or --input, not both.")
    }
    if texts.contains("-"), texts.count > 1 {
      throw ValidationError("Give texts or - for standard input, not both.")
    }
    if texts.isEmpty, input == nil, isatty(0) != 0 {
      throw ValidationError(
        "There is no text. Give one as argument, --input FILE, or - to read standard input.")
    }
  }

  /// The file, `-` for standard input, or nil when the texts are arguments.
  private var path: String? { input ?? (texts.isEmpty || texts == ["-"] ? "-" : nil) }

  /// Whether somebody types the texts and waits for each answer.
  var isTyped: Bool { path == "-" && isatty(0) != 0 }

  /// Opens the texts; `textColumns` says which columns of a table are wanted, given all there are.
  func open(textColumns: ([String]) -> [String]) throws -> TextRows {
    guard let path else { return TextRows(texts: texts) }
    let format = format ?? InputFormat(nameOf: path) ?? (saysTable ? .csv : .lines)
    if format == .lines { return try TextRows(linesOf: path, encoding: table.encoding ?? .utf8) }
    var options = table.delimited
    if format == .tsv, options.delimiter == nil { options.delimiter = .tab }
    return try TextRows(
      tableOf: path, isJSONLines: format == .jsonl, options: options, textColumns: textColumns)
  }

  /// Whether an option makes sense for tables alone.
  private var saysTable: Bool { !table.textColumns.isEmpty || table.delimiter != nil }

  /// Tells who gives the name of a file as a text.
  func warnOfFileNames(_ diagnostics: Diagnostics) {
    for text in texts where text != "-" && FileSystem.exists(text) {
      diagnostics.note(
        "'\(text)' is taken as a text; for the texts in the file of this name: --input \(text)")
    }
  }
}
