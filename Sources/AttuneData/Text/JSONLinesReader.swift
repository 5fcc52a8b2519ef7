// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// The objects of a JSON lines file, one a line, in constant memory.
///
/// Lines that hold nothing but spaces are skipped: writers leave them at the end.
public final class JSONLinesReader {
  private let lines: LinesReader

  /// The number of the line given last, from 1.
  public var lineNumber: Int { lines.lineNumber }
  /// The file, for messages.
  public var name: String { lines.name }

  /// Opens a file, gzip or not; `-` is standard input.
  public convenience init(path: String, encoding: TextEncoding = .utf8) throws {
    try self.init(InputFile.open(path), encoding: encoding)
  }

  /// Reads the objects of a source.
  public init(_ source: any ByteSource, encoding: TextEncoding = .utf8) throws {
    lines = try LinesReader(source, encoding: encoding)
  }

  /// Returns the next object, or nil at the end of the file.
  public func next() throws -> JSONObject? {
    guard let value = try nextValue() else { return nil }
    guard let object = value.objectValue else {
      throw DataFileError(file: name, line: lineNumber, .notAnObject(found: value.kind))
    }
    return object
  }

  /// Returns the next value, whatever it is, or nil at the end of the file.
  func nextValue() throws -> JSONValue? {
    while let line = try lines.nextBytes() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      do throws(JSONError) {
        return try JSONValue(parsing: line, source: name)
      } catch {
        throw error.moved(toLine: lineNumber, startingAt: lines.lineStart)
      }
    }
    return nil
  }
}
