// SPDX-License-Identifier: Apache-2.0

/// Cuts checked text into rows and fields (RFC 4180).
struct RecordScanner: ~Copyable {
  static let fieldLimit = 1 << 20
  static let recordLimit = 1 << 24
  static let fieldCountLimit = 1 << 20

  private enum Ending { case delimiter, line, file }

  var input: TextInput
  private let delimiter: UInt8
  private let isQuoting: Bool
  private var scratch = ScratchRecord()
  private var line = 1
  private var lineStart: Int
  /// After CR, an LF still belongs to the end of the line.
  private var mayFollowLF = false

  init(input: consuming TextInput, format: DelimitedFormat) {
    lineStart = input.offset
    self.input = input
    delimiter = format.delimiter.byte
    isQuoting = format.quoting == .doubled
  }

  /// Returns the next row, or nil at the end of the file; an empty line is a row of one empty field.
  mutating func next() throws -> DelimitedRecord? {
    try skipLFAfterCR()
    guard try hasMore() else { return nil }
    let first = line
    scratch.clear()
    var ending: Ending
    repeat {
      let opens = try isQuoting && hasMore() && input.bytes[input.position] == UInt8(ascii: "\"")
      ending = try opens ? quotedField() : plainField()
      scratch.endField()
      guard scratch.size <= Self.recordLimit else {
        throw error(.recordTooLong(limit: Self.recordLimit))
      }
      // Empty fields have no size, but take memory.
      guard scratch.count <= Self.fieldCountLimit else {
        throw error(.tooManyFields(limit: Self.fieldCountLimit))
      }
    } while ending == .delimiter
    return DelimitedRecord(scratch, line: first)
  }

  private mutating func plainField() throws -> Ending {
    let (delimiter, quote) = (delimiter, isQuoting ? UInt8(ascii: "\"") : 0)
    while try hasMore() {
      let (bytes, start, end) = (input.bytes, input.position, input.end)
      var position = start
      var byte: UInt8 = 0
      scanning: while position < end {
        byte = bytes[position]
        // Most letters lie above the comma, the quote and the ends of lines.
        if byte == delimiter || byte == quote || byte == 0x0A || byte == 0x0D { break scanning }
        position += 1
      }
      try append(start, position)
      input.position = position
      if position == end { continue }
      if byte == quote { throw error(.strayQuote) }
      return try endField(with: byte)
    }
    return .file
  }

  private mutating func quotedField() throws -> Ending {
    let opening = error(.unterminatedQuote)
    input.position += 1
    var previous: UInt8 = 0
    while try hasMore() {
      let (bytes, start, end) = (input.bytes, input.position, input.end)
      var position = start
      while position < end, bytes[position] != UInt8(ascii: "\"") {
        let byte = bytes[position]
        position += 1
        if byte == 0x0D || (byte == 0x0A && previous != 0x0D) { line += 1 }
        if byte == 0x0D || byte == 0x0A { lineStart = input.offset + position - start }
        previous = byte
      }
      try append(start, position)
      input.position = position
      if position == end { continue }
      input.position += 1
      guard try hasMore() else { return .file }
      let next = input.bytes[input.position]
      guard next == UInt8(ascii: "\"") else {
        guard next == delimiter || next == 0x0A || next == 0x0D else {
          throw error(.textAfterQuote)
        }
        return try endField(with: next)
      }
      scratch.append(next)
      previous = next
      input.position += 1
    }
    throw opening
  }

  private mutating func endField(with byte: UInt8) throws -> Ending {
    input.position += 1
    if byte == delimiter { return .delimiter }
    line += 1
    lineStart = input.offset
    mayFollowLF = byte == 0x0D
    return .line
  }

  private mutating func skipLFAfterCR() throws {
    guard mayFollowLF else { return }
    mayFollowLF = false
    guard try hasMore(), input.bytes[input.position] == 0x0A else { return }
    input.position += 1
    lineStart = input.offset
  }

  @inline(__always)
  private mutating func append(_ start: Int, _ end: Int) throws {
    scratch.append(input.bytes + start, count: end - start)
    guard scratch.openSize <= Self.fieldLimit else {
      throw error(.fieldTooLong(limit: Self.fieldLimit))
    }
  }

  @inline(__always)
  private mutating func hasMore() throws -> Bool {
    try input.hasMore(line: line, lineStart: lineStart)
  }

  private func error(_ problem: DataFileError.Problem) -> DataFileError {
    DataFileError(file: input.name, line: line, column: input.offset - lineStart + 1, problem)
  }
}
