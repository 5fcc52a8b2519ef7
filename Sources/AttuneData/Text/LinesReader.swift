// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// The lines of a text file, in constant memory.
///
/// A line ends with LF or CR LF; a lone CR is part of it, so that parallel files stay in step.
public final class LinesReader {
  /// A line may have this many bytes.
  public static let lineLimit = 1 << 24

  private var input: TextInput
  /// The number of the line given last, from 1.
  public private(set) var lineNumber = 0
  /// Bytes of the file before the line given last.
  private(set) var lineStart = 0

  /// Opens a file, gzip or not; `-` is standard input.
  public convenience init(path: String, encoding: TextEncoding = .utf8) throws {
    try self.init(InputFile.open(path), encoding: encoding)
  }

  /// Reads the lines of a source.
  public init(_ source: any ByteSource, encoding: TextEncoding = .utf8) throws {
    input = try TextInput(source, encoding: encoding)
  }

  /// The file, for messages.
  public var name: String { input.name }

  /// Returns the next line without its end, or nil at the end of the file.
  public func next() throws -> String? {
    try nextBytes().map { String(decoding: $0, as: UTF8.self) }
  }

  /// Returns the bytes of the next line, which are valid UTF-8.
  func nextBytes() throws -> [UInt8]? {
    var line: [UInt8] = []
    lineStart = input.offset
    guard try input.hasMore(line: lineNumber + 1, lineStart: lineStart) else { return nil }
    lineNumber += 1
    while try input.hasMore(line: lineNumber, lineStart: lineStart) {
      let rest = input.sample
      let length = rest.firstIndex(of: 0x0A) ?? rest.count
      line += rest[..<length]
      guard line.count <= Self.lineLimit else {
        throw DataFileError(file: name, line: lineNumber, .recordTooLong(limit: Self.lineLimit))
      }
      input.position += length
      if length < rest.count {
        input.position += 1
        break
      }
    }
    if line.last == 0x0D { line.removeLast() }
    return line
  }
}
