// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// The one door through which files are read: gzip is recognised by its first bytes, whatever the
/// name, and unpacked on the way.
public enum InputFile {
  /// A file read whole may have this many bytes, unpacked too: gzip can grow a thousandfold.
  public static let sizeLimit = 1 << 32

  /// Returns the bytes of the path piece by piece; `-` is standard input.
  public static func open(_ path: String) throws -> any ByteSource {
    try open(path == "-" ? FileByteSource.standardInput : FileByteSource(path: path))
  }

  /// Returns the unpacked bytes of a source, which may be gzip or not.
  public static func open(_ source: any ByteSource) throws -> any ByteSource {
    let peeked = try PeekedByteSource(source, count: 3)
    return GzipByteSource.isGzip(peeked.head) ? GzipByteSource(peeked) : peeked
  }

  /// Returns all bytes of the file, unpacked if it is gzip; `-` is standard input.
  public static func bytes(
    of path: String, limit: Int = InputFile.sizeLimit
  ) throws -> [UInt8] {
    let descriptor = path == "-" ? Descriptor.standardInput : try Descriptor(reading: path)
    let size = try descriptor.size()
    guard size <= limit else { throw FileError(.read, path, errorNumber: EFBIG) }
    let bytes = try all(of: descriptor, expecting: size, limit: limit)
    guard GzipByteSource.isGzip(bytes.prefix(3)) else { return bytes }
    let source = GzipByteSource(MemoryByteSource(bytes, name: descriptor.path))
    return try all(of: source, limit: limit)
  }

  /// Returns the text of the file, which must be UTF-8; a byte order mark is left out.
  public static func text(of path: String) throws -> String {
    var bytes = try bytes(of: path)[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let offset = UTF8Check.firstInvalidOffset(in: Array(bytes)) ?? 0
      throw TextError(path: path, offset: offset + bytes.startIndex)
    }
    return text
  }

  /// Returns the value of a JSON file.
  public static func json(of path: String) throws -> JSONField {
    JSONField(try JSONValue(parsing: bytes(of: path), source: path), source: path)
  }

  private static func all(
    of descriptor: Descriptor, expecting size: Int, limit: Int
  ) throws -> [UInt8] {
    // One byte more than the size, so that the end shows without a second piece.
    var bytes: [UInt8] = []
    var room = max(size, 0) + 1
    while true {
      let piece = try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        while count < room {
          let rest = UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
          let read = try descriptor.read(into: rest)
          if read == 0 { return }
          count += read
        }
      }
      bytes = bytes.isEmpty ? piece : bytes + piece
      // Pipes and devices tell no size beforehand, and some never end.
      guard bytes.count <= limit else {
        throw FileError(.read, descriptor.path, errorNumber: EFBIG)
      }
      if piece.count < room { return bytes }
      room = min(max(bytes.count, 1 << 16), limit - bytes.count + 1)
    }
  }

  private static func all(of source: GzipByteSource, limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 17)
    while true {
      let count = try piece.withUnsafeMutableBytes { try source.read(into: $0) }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else {
        throw source.error(.tooLarge(limit: limit))
      }
      bytes += piece[..<count]
    }
  }
}

/// Why a file is not text.
public struct TextError: AttuneError, Equatable {
  /// The file.
  public let path: String
  /// Bytes before the first one that is not UTF-8.
  public let offset: Int

  /// The input is malformed.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    "\(path): byte \(offset) is not valid UTF-8; save the file as UTF-8."
  }
}
