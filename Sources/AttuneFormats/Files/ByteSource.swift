// SPDX-License-Identifier: Apache-2.0

/// Bytes that come one piece after the other.
public protocol ByteSource: AnyObject {
  /// The file, for messages.
  var name: String { get }
  /// Fills the buffer from its start and returns how many bytes; 0 only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// The bytes of a file or of standard input, as they are.
public final class FileByteSource: ByteSource {
  private let descriptor: Descriptor
  /// The path.
  public var name: String { descriptor.path }

  /// Opens a file.
  public init(path: String) throws(FileError) { descriptor = try Descriptor(reading: path) }

  private init(_ descriptor: Descriptor) { self.descriptor = descriptor }

  /// The standard input of the process.
  public static var standardInput: FileByteSource { FileByteSource(.standardInput) }

  /// Reads the next bytes.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try descriptor.read(into: buffer)
  }
}

/// Bytes from memory.
public final class MemoryByteSource: ByteSource {
  /// What messages call it.
  public let name: String
  private let bytes: [UInt8]
  private let pieceSize: Int
  private var position = 0

  /// Makes a source of the bytes; `pieceSize` bounds what one read gives.
  public init(_ bytes: [UInt8], name: String = "memory", pieceSize: Int = .max) {
    (self.bytes, self.name, self.pieceSize) = (bytes, name, pieceSize)
  }

  /// Reads the next bytes.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = min(buffer.count, pieceSize, bytes.count - position)
    bytes.withUnsafeBytes { source in
      buffer.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: source[position..<(position + count)]))
    }
    position += count
    return count
  }
}

/// A source whose first bytes were looked at and are given again.
final class PeekedByteSource: ByteSource {
  let head: [UInt8]
  private let source: any ByteSource
  private var position = 0
  var name: String { source.name }

  init(_ source: any ByteSource, count: Int) throws {
    var head: [UInt8] = []
    while head.count < count {
      let missing = count - head.count
      let piece = try [UInt8](unsafeUninitializedCapacity: missing) { buffer, filled in
        filled = try source.read(into: UnsafeMutableRawBufferPointer(buffer))
      }
      if piece.isEmpty { break }
      head += piece
    }
    (self.source, self.head) = (source, head)
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard position < head.count else { return try source.read(into: buffer) }
    let piece = head[position...].prefix(buffer.count)
    buffer.copyBytes(from: piece)
    position += piece.count
    return piece.count
  }
}
