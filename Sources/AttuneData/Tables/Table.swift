// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// How the rows of a table are stored.
public enum TableFormat: Sendable, Equatable, CustomStringConvertible {
  /// CSV or TSV.
  case delimited(DelimitedFormat)
  /// One JSON object a line.
  case jsonLines

  /// The format in words.
  public var description: String {
    switch self {
    case .delimited(let format): format.description
    case .jsonLines: "JSON lines"
    }
  }

  /// Returns the part of the name after the last dot, without `.gz`, in lower case.
  package static func suffix(of name: String) -> String {
    var parts = FileSystem.name(of: name).lowercased().split(separator: ".")
    if parts.last == "gz" { parts.removeLast() }
    return parts.count > 1 ? String(parts[parts.count - 1]) : ""
  }
}

/// A row of a table.
public struct Record: Sendable {
  fileprivate enum Content {
    case delimited(DelimitedRecord)
    case object(JSONObject)
  }

  fileprivate let content: Content
  fileprivate let columns: [String]
  fileprivate let file: String
  /// The line of the file on which the row starts, from 1.
  public let line: Int

  /// The text in a column; in JSON lines numbers and Booleans are given as they are written.
  ///
  /// Only JSON lines throw: when the key is missing, null, an array or an object.
  public subscript(column: Int) -> String {
    get throws {
      switch content {
      case .delimited(let record): record[column]
      case .object(let object): try text(object[columns[column]], columns[column])
      }
    }
  }

  /// The object of JSON lines, for output with more keys; nil in CSV and TSV.
  public var object: JSONObject? { if case .object(let object) = content { object } else { nil } }

  private func text(_ value: JSONValue?, _ column: String) throws -> String {
    switch value {
    case .string(let text)?: return text
    case .integer(let value)?: return String(value)
    case .number(let value)?: return String(value)
    case .bool(let value)?: return String(value)
    case nil, .null?: throw DataFileError(file: file, line: line, .missingValue(column: column))
    case .array?, .object?:
      throw DataFileError(
        file: file, line: line, .notText(column: column, found: value?.kind ?? "nothing"))
    }
  }
}

/// The rows of a CSV, TSV or JSON lines file, gzip or not, in constant memory.
///
/// The columns of JSON lines are the keys of the first object.
public final class Table {
  /// The names of the columns.
  public let columns: [String]
  /// How the rows are stored: as told, or as found out.
  public let format: TableFormat
  /// The file, for messages.
  public let name: String
  private let reader: Reader
  private var first: Record?

  private enum Reader {
    case delimited(DelimitedReader)
    case jsonLines(JSONLinesReader)
  }

  /// Opens a file; `.jsonl` and `.ndjson` are JSON lines, all else CSV or TSV; `-` is standard input.
  public convenience init(
    path: String, options: DelimitedOptions = DelimitedOptions(), isJSONLines: Bool? = nil
  ) throws {
    try self.init(InputFile.open(path), options: options, isJSONLines: isJSONLines)
  }

  /// Reads the rows of a source, whose name tells the format.
  public init(
    _ source: any ByteSource, options: DelimitedOptions = DelimitedOptions(),
    isJSONLines: Bool? = nil
  ) throws {
    name = source.name
    if isJSONLines ?? ["jsonl", "ndjson"].contains(TableFormat.suffix(of: source.name)) {
      let lines = try JSONLinesReader(source, encoding: options.encoding)
      guard let object = try lines.next() else {
        throw DataFileError(file: lines.name, .emptyFile)
      }
      (columns, format, reader) = (object.keys, .jsonLines, .jsonLines(lines))
      first = Record(
        content: .object(object), columns: object.keys, file: lines.name, line: lines.lineNumber)
    } else {
      let rows = try DelimitedReader(source, options: options)
      (columns, format, reader) = (rows.columns, .delimited(rows.format), .delimited(rows))
    }
  }

  /// Returns the next row, or nil at the end of the file.
  public func next() throws -> Record? {
    if let record = first {
      first = nil
      return record
    }
    switch reader {
    case .delimited(let rows):
      guard let row = try rows.next() else { return nil }
      return Record(content: .delimited(row), columns: columns, file: name, line: row.line)
    case .jsonLines(let lines):
      guard let object = try lines.next() else { return nil }
      return Record(
        content: .object(object), columns: columns, file: name, line: lines.lineNumber)
    }
  }
}
