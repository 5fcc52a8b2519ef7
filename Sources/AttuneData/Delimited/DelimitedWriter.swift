// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// Rows of CSV or TSV as bytes; a field is quoted when it must be, and lines end with LF.
public struct DelimitedWriter: Sendable {
  /// How rows are written.
  public let format: DelimitedFormat
  /// Whether a cell that a spreadsheet would take for a formula gets an apostrophe before it.
  public let escapesFormulas: Bool

  /// Makes a writer.
  public init(_ format: DelimitedFormat = DelimitedFormat(.comma), escapesFormulas: Bool = false) {
    (self.format, self.escapesFormulas) = (format, escapesFormulas)
  }

  /// Returns the row with its end of line.
  public func row(_ fields: [String]) throws(UnwritableFieldError) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, field) in fields.enumerated() {
      if index > 0 { bytes.append(format.delimiter.byte) }
      try append(field, isAlone: fields.count == 1, to: &bytes)
    }
    bytes.append(0x0A)
    return bytes
  }

  private func append(
    _ field: String, isAlone: Bool, to bytes: inout [UInt8]
  ) throws(UnwritableFieldError) {
    var content = Array(field.utf8)
    if escapesFormulas, let first = content.first, "=+-@\t\r".utf8.contains(first) {
      content.insert(UInt8(ascii: "'"), at: 0)
    }
    let breaks = content.contains { $0 == format.delimiter.byte || $0 == 0x0A || $0 == 0x0D }
    guard format.quoting == .doubled else {
      if breaks { throw UnwritableFieldError(field: field) }
      bytes += content
      return
    }
    // A row of one empty field would read as an empty line.
    guard breaks || content.contains(UInt8(ascii: "\"")) || (isAlone && content.isEmpty) else {
      bytes += content
      return
    }
    bytes.append(UInt8(ascii: "\""))
    for byte in content {
      if byte == UInt8(ascii: "\"") { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

/// A field that the format cannot hold: a tabulator or end of line where nothing is quoted.
public struct UnwritableFieldError: AttuneError, Equatable {
  /// The text of the field.
  public let field: String

  /// The data do not fit the output.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    "'\(field.prefix(40))' holds a tabulator or an end of line, which TSV without quotes cannot hold."
      + " Write CSV instead."
  }
}
