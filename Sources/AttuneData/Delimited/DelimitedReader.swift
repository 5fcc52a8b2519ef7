// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// The rows of a CSV or TSV file, in constant memory.
///
/// LF, CR LF and CR end a row; the last end is optional. Quoted fields may hold all of them. Empty lines
/// between rows are skipped when there are two or more columns; in one column they are empty fields.
public final class DelimitedReader {
  /// The names of the columns, without spaces around them.
  public let columns: [String]
  /// How rows are cut: as told, or as found out.
  public let format: DelimitedFormat
  /// The file, for messages.
  public let name: String
  private var scanner: RecordScanner
  private var first: DelimitedRecord?

  /// Opens a file, gzip or not; `-` is standard input.
  public convenience init(
    path: String, options: DelimitedOptions = DelimitedOptions()
  ) throws {
    try self.init(InputFile.open(path), options: options)
  }

  /// Reads the rows of a source.
  public init(_ source: any ByteSource, options: DelimitedOptions = DelimitedOptions()) throws {
    let input = try TextInput(source, encoding: options.encoding)
    name = input.name
    format = DelimitedFormat.detect(name: name, sample: input.sample, options: options)
    scanner = RecordScanner(input: input, format: format)
    guard let head = try scanner.next() else { throw DataFileError(file: name, .emptyFile) }
    if options.hasHeader {
      columns = try Self.names(of: head, file: name)
    } else {
      columns = (1...head.count).map { "column\($0)" }
      first = head
    }
  }

  /// Returns the next row, or nil at the end of the file.
  public func next() throws -> DelimitedRecord? {
    if let record = first {
      first = nil
      return record
    }
    while let record = try scanner.next() {
      if record.count == columns.count { return record }
      if record.count == 1, record.size == 0 { continue }
      throw DataFileError(
        file: name, line: record.line,
        .raggedRow(expected: columns.count, got: record.count))
    }
    return nil
  }

  private static func names(of head: DelimitedRecord, file: String) throws -> [String] {
    var names = JSONObject()
    for (index, field) in head.fields.enumerated() {
      let name = field.trimmed
      guard !name.isEmpty else {
        if head.count == 1 { throw DataFileError(file: file, .emptyFile) }
        throw DataFileError(file: file, line: head.line, .unnamedColumn(number: index + 1))
      }
      guard names[name] == nil else {
        throw DataFileError(file: file, line: head.line, .duplicateColumn(name))
      }
      names[name] = .integer(index)
    }
    return names.keys
  }
}

extension String {
  /// The text without white space at both ends.
  var trimmed: String {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
