// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// A text for one of many vectors.
public struct Caption: Sendable, Equatable {
  /// The vector, counted from 0.
  public let row: Int
  /// The text, without white space at its ends.
  public let text: String
  /// The line of the file on which it stands.
  public let line: Int

  /// Makes a caption.
  public init(row: Int, text: String, line: Int = 0) {
    (self.row, self.text, self.line) = (row, text, line)
  }
}

/// The captions of a file, in its order; several may belong to one vector.
///
/// In CSV, TSV and JSON lines each has the row of its vector beside it. In plain text (`.txt`) line i is the caption of vector
/// i, and an empty line none.
public struct CaptionTable: Sendable {
  /// The file, for messages.
  public let name: String
  /// The captions, none of them empty.
  public let captions: [Caption]

  /// Takes captions from memory.
  public init(_ captions: [Caption], name: String = "memory") {
    (self.name, self.captions) = (name, captions)
  }

  /// Reads a file, gzip or not; `-` is standard input, as CSV.
  ///
  /// - Parameters:
  ///   - rowColumn: The column or key that holds the number of the vector, from 0.
  ///   - captionColumn: The column or key that holds the text.
  /// - Throws: `DataFileError` where rows or lines are malformed, and `CaptionError` for a column that is not there, a row that
  ///   is no number, an empty caption, or when there is none at all.
  public init(
    path: String, rowColumn: String = "row", captionColumn: String = "caption",
    encoding: TextEncoding = .utf8
  ) throws {
    let captions =
      TableFormat.suffix(of: path) == "txt"
      ? try Self.lines(of: path, encoding)
      : try Self.rows(of: path, rowColumn, captionColumn, encoding)
    self.init(captions, name: path == "-" ? "standard input" : path)
    guard !captions.isEmpty else { throw CaptionError(file: name, .noCaptions) }
  }

  private static func lines(of path: String, _ encoding: TextEncoding) throws -> [Caption] {
    let lines = try LinesReader(path: path, encoding: encoding)
    var captions: [Caption] = []
    while let line = try lines.next() {
      let number = lines.lineNumber
      let text = line.trimmed
      if !text.isEmpty { captions.append(Caption(row: number - 1, text: text, line: number)) }
    }
    return captions
  }

  private static func rows(
    of path: String, _ rowColumn: String, _ captionColumn: String, _ encoding: TextEncoding
  ) throws -> [Caption] {
    let table = try Table(path: path, options: DelimitedOptions(encoding: encoding))
    func place(_ name: String, _ role: CaptionError.Role) throws(CaptionError) -> Int {
      guard let place = table.columns.firstIndex(where: { $0.hasSameUTF8(as: name) }) else {
        throw CaptionError(
          file: table.name, .unknownColumn(name, role: role, columns: table.columns))
      }
      return place
    }
    let (row, caption) = (try place(rowColumn, .row), try place(captionColumn, .caption))
    var captions: [Caption] = []
    while let record = try table.next() {
      let (number, text) = (try record[row].trimmed, try record[caption].trimmed)
      guard let index = Self.number(number) else {
        throw CaptionError(
          file: table.name, line: record.line, .notARow(column: rowColumn, found: number))
      }
      guard !text.isEmpty else {
        throw CaptionError(file: table.name, line: record.line, .emptyCaption(row: index))
      }
      captions.append(Caption(row: index, text: text, line: record.line))
    }
    return captions
  }

  /// A whole number in plain digits, which may be negative: that is a row out of range.
  private static func number(_ text: String) -> Int? {
    let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
    return digits.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
