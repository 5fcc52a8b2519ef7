// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats

/// A text to work on, with the row it came from.
struct TextRow {
  /// The parts of the text, one for each text column.
  let parts: [String]
  /// The row of a table.
  let record: Record?

  /// Whether no part holds anything but white space.
  var isEmpty: Bool {
    parts.allSatisfy { $0.unicodeScalars.allSatisfy(\.properties.isWhitespace) }
  }
}

/// Texts from the command line, from lines, or from the rows of a table, in constant memory.
final class TextRows {
  private enum Content {
    case texts(ArraySlice<String>)
    case lines(LinesReader)
    case table(Table, ColumnChoice)
  }

  private var content: Content
  private let source: CountingByteSource?

  /// The texts of the command line.
  init(texts: [String]) {
    content = .texts(texts[...])
    source = nil
  }

  /// The lines of a file; `-` is standard input.
  init(linesOf path: String, encoding: TextEncoding) throws {
    let source = try CountingByteSource(path: path)
    content = .lines(try LinesReader(InputFile.open(source), encoding: encoding))
    self.source = source
  }

  /// The rows of a table; `textColumns` says which columns are wanted, given all there are.
  init(
    tableOf path: String, isJSONLines: Bool, options: DelimitedOptions,
    textColumns: ([String]) -> [String]
  ) throws {
    let source = try CountingByteSource(path: path)
    let table = try Table(
      InputFile.open(source), options: options, isJSONLines: isJSONLines)
    content = .table(
      table,
      try ColumnChoice(
        columns: table.columns, file: table.name, textNamed: textColumns(table.columns),
        label: .optional))
    self.source = source
  }

  /// The names of the columns of a table.
  var columns: [String] { if case .table(let table, _) = content { table.columns } else { [] } }

  /// Which columns of a table hold the texts.
  var choice: ColumnChoice? { if case .table(_, let choice) = content { choice } else { nil } }

  /// How the rows of a table are stored.
  var format: TableFormat? { if case .table(let table, _) = content { table.format } else { nil } }

  /// The part of the input that was read; nil when nobody knows its size.
  var share: Double? { source?.share }

  /// Returns the next texts, at most `limit`; none at the end.
  func next(_ limit: Int) throws -> [TextRow] {
    var rows: [TextRow] = []
    while rows.count < limit, let row = try next() { rows.append(row) }
    return rows
  }

  private func next() throws -> TextRow? {
    switch content {
    case .texts(var texts):
      defer { content = .texts(texts) }
      return texts.popFirst().map { TextRow(parts: [$0], record: nil) }
    case .lines(let lines):
      return try lines.next().map { TextRow(parts: [$0], record: nil) }
    case .table(let table, let choice):
      return try table.next().map { record in
        TextRow(parts: try choice.text.map { try record[$0] }, record: record)
      }
    }
  }
}
