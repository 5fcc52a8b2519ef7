// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// The files of a corpus and where the texts stand in them.
public struct CorpusFiles: Sendable, Hashable {
  /// The files in order, gzip or not; `-` is standard input.
  ///
  /// `.csv` and `.tsv` are tables, `.jsonl` and `.ndjson` hold one object a line, anything else one text a line.
  public var paths: [String]
  /// The column or key of the text; nil: it is found out. Files of no known kind are tables if it is given.
  public var column: String?
  /// How characters are written as bytes.
  public var encoding: TextEncoding
  /// What stands between the fields of tables; nil: it is found out.
  public var delimiter: Delimiter?

  /// Names files whose texts are found by the usual names of columns.
  public init(
    _ paths: [String], column: String? = nil, encoding: TextEncoding = .utf8,
    delimiter: Delimiter? = nil
  ) {
    (self.paths, self.column) = (paths, column)
    (self.encoding, self.delimiter) = (encoding, delimiter)
  }
}

/// The texts of a corpus one after the other, in constant memory.
public final class TextCorpus {
  private enum Reader {
    case lines(LinesReader)
    case table(Table, column: Int)
  }

  private let files: CorpusFiles
  private var reader: Reader?
  private var source: CountingByteSource?
  private var opened = 0

  /// Opens the first file; the others are found to be there.
  public init(_ files: CorpusFiles) throws {
    self.files = files
    for path in files.paths.dropFirst() where path != "-" && !FileSystem.isStream(path) {
      _ = try FileSystem.size(of: path)
    }
    try openNext()
  }

  /// Returns the next text, or nil at the end of the last file.
  public func next() throws -> String? {
    while let reader {
      switch reader {
      case .lines(let lines): if let text = try lines.next() { return text }
      case .table(let table, let column):
        if let record = try table.next() { return try record[column] }
      }
      try openNext()
    }
    return nil
  }

  /// The part of the files that was read, all of them counted as equally long; nil when nobody knows.
  public var share: Double? {
    guard let share = source?.share else { return nil }
    return (Double(opened - 1) + share) / Double(files.paths.count)
  }

  private func openNext() throws {
    guard opened < files.paths.count else { return reader = nil }
    let path = files.paths[opened]
    opened += 1
    let source = try CountingByteSource(path: path)
    self.source = source
    let input = try InputFile.open(source)
    let suffix = TableFormat.suffix(of: path)
    let isJSONLines = ["jsonl", "ndjson"].contains(suffix)
    let isText = suffix == "txt" || suffix == "text"
    guard isJSONLines || ["csv", "tsv"].contains(suffix) || files.column != nil && !isText else {
      return reader = .lines(try LinesReader(input, encoding: files.encoding))
    }
    let table = try Table(
      input, options: DelimitedOptions(delimiter: files.delimiter, encoding: files.encoding),
      isJSONLines: isJSONLines)
    let choice = try ColumnChoice(
      columns: table.columns, file: path, textNamed: files.column.map { [$0] } ?? [], label: .none)
    reader = .table(table, column: choice.text[0])
  }
}
