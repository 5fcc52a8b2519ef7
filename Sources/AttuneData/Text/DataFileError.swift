// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// What is wrong in a file of rows or lines, and where.
public struct DataFileError: AttuneError, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// A row has another number of fields than the header.
    case raggedRow(expected: Int, got: Int)
    /// A quoted field is never closed; the place is where it opened.
    case unterminatedQuote
    /// A quote stands inside a field that does not start with one.
    case strayQuote
    /// Text follows the closing quote of a field.
    case textAfterQuote
    /// A byte is zero.
    case nulByte(offset: Int)
    /// A byte does not belong to UTF-8.
    case invalidUTF8(offset: Int)
    /// A byte or unit does not belong to the encoding the user named.
    case undecodable(TextEncoding, offset: Int)
    /// The file is UTF-16 and nobody said so.
    case isUTF16
    /// A field is longer than the limit.
    case fieldTooLong(limit: Int)
    /// A row or line is longer than the limit.
    case recordTooLong(limit: Int)
    /// A row has more fields than the limit.
    case tooManyFields(limit: Int)
    /// There is not even a header.
    case emptyFile
    /// Two columns have one name.
    case duplicateColumn(String)
    /// A column has no name.
    case unnamedColumn(number: Int)
    /// A line of JSON is not an object.
    case notAnObject(found: String)
    /// A row lacks the value of a column, or holds null.
    case missingValue(column: String)
    /// A value of JSON is not one text.
    case notText(column: String, found: String)
  }

  /// The file.
  public let file: String
  /// The line, from 1, where the place is known.
  public let line: Int?
  /// The byte in the line, from 1, where the place is known.
  public let column: Int?
  /// What is wrong.
  public let problem: Problem

  /// Makes an error at a place.
  public init(file: String, line: Int? = nil, column: Int? = nil, _ problem: Problem) {
    (self.file, self.line, self.column, self.problem) = (file, line, column, problem)
  }

  /// The input is malformed.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    let place = [file, line.map(String.init), column.map(String.init)].compactMap { $0 }
    return "\(place.joined(separator: ":")): \(explanation)"
  }

  private var explanation: String {
    switch problem {
    case .raggedRow(let expected, let got):
      "the row has \(got) \(got == 1 ? "field" : "fields"), expected \(expected) as in the header."
        + " A field that holds the delimiter must be in double quotes."
    case .unterminatedQuote: "the quote that opens here is never closed."
    case .strayQuote:
      "a quote stands inside a field that does not start with one."
        + " Put the field in double quotes and double the quotes in it."
    case .textAfterQuote:
      "text follows the closing quote of a field. Quotes inside a quoted field must be doubled."
    case .nulByte(let offset): "byte \(offset) is zero, which text never holds."
    case .invalidUTF8(let offset):
      "byte \(offset) is not valid UTF-8. Save the file as UTF-8, or name its encoding: "
        + "--encoding \(TextEncoding.names)."
    case .undecodable(let encoding, let offset):
      "byte \(offset) is not valid \(encoding.rawValue)."
    case .isUTF16: "the file is UTF-16. Save it as UTF-8, or read it with --encoding utf16."
    case .fieldTooLong(let limit):
      "a field is longer than \(limit) bytes. Is a closing quote missing?"
    case .recordTooLong(let limit): "a row or line is longer than \(limit) bytes."
    case .tooManyFields(let limit):
      "a row has more than \(limit) fields. Is this the file, and its delimiter the right one?"
    case .emptyFile: "the file is empty, expected a header with the names of the columns."
    case .duplicateColumn(let name): "two columns are named '\(name)'."
    case .unnamedColumn(let number): "column \(number) has no name in the header."
    case .notAnObject(let found): "found \(found), expected one JSON object a line."
    case .missingValue(let column): "'\(column)' is missing or null."
    case .notText(let column, let found): "'\(column)' holds \(found), expected a text."
    }
  }
}
