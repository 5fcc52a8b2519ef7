// SPDX-License-Identifier: Apache-2.0

internal import AttuneData

/// Texts that nobody labelled.
enum UnlabelledTexts {
  /// Reads tables by their text columns, and other files line by line; empty texts are left out.
  ///
  /// - Parameter columns: The text columns of the labelled data.
  static func read(
    _ paths: [String], columns: [String], _ settings: ClassifierSettings
  ) throws -> [LabelledText] {
    try paths.flatMap { path in
      let isTable = ["csv", "tsv", "jsonl", "ndjson"].contains(TableFormat.suffix(of: path))
      let texts =
        try isTable ? rows(of: path, columns, settings) : lines(of: path, settings)
      let found = texts.first?.parts.count ?? 1
      guard found == max(columns.count, 1) else {
        throw TeacherError.otherColumns(file: path, expected: max(columns.count, 1), found: found)
      }
      return texts.filter { !$0.isEmpty }
    }
  }

  private static func rows(
    of path: String, _ columns: [String], _ settings: ClassifierSettings
  ) throws -> [LabelledText] {
    let table = try Table(path: path, options: settings.delimitedOptions())
    let named =
      settings.textColumns.flatMap { $0.isEmpty ? nil : $0 }
      ?? (columns.allSatisfy(table.columns.contains) ? columns : [])
    let choice = try ColumnChoice(
      columns: table.columns, file: table.name, textNamed: named, label: .optional)
    var texts: [LabelledText] = []
    while let record = try table.next() {
      texts.append(
        LabelledText(parts: try choice.text.map { try record[$0] }, labels: [], line: record.line))
    }
    return texts
  }

  private static func lines(
    of path: String, _ settings: ClassifierSettings
  ) throws -> [LabelledText] {
    let reader = try LinesReader(
      path: path, encoding: settings.delimitedOptions().encoding)
    var texts: [LabelledText] = []
    while let line = try reader.next() {
      texts.append(LabelledText(parts: [line], labels: [], line: reader.lineNumber))
    }
    return texts
  }
}
