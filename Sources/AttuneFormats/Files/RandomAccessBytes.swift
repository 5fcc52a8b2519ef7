// SPDX-License-Identifier: Apache-2.0

/// Bytes that are read by position: of a file, or from memory.
package enum RandomAccessBytes: Sendable {
  case file(RandomAccessFile)
  case memory([UInt8])
  case constant(ConstantBytes)

  /// How many there are.
  package var size: Int {
    switch self {
    case .file(let file): file.size
    case .memory(let bytes): bytes.count
    case .constant(let bytes): bytes.count
    }
  }

  /// Returns the bytes of the range; fewer only at the end.
  package func bytes(in range: Range<Int>) throws(FileError) -> [UInt8] {
    switch self {
    case .file(let file): try file.bytes(in: range)
    case .memory(let bytes): Array(bytes[range.clamped(to: bytes.indices)])
    case .constant(let bytes): Array(bytes.buffer[range.clamped(to: bytes.buffer.indices)])
    }
  }

  /// Fills the buffer from the offset; returns the count, smaller only at the end.
  package func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(FileError) -> Int {
    switch self {
    case .file(let file): return try file.read(into: buffer, at: offset)
    case .memory(let bytes):
      let range = (offset..<offset + buffer.count).clamped(to: bytes.indices)
      buffer.copyBytes(from: bytes[range])
      return range.count
    case .constant(let bytes):
      let range = (offset..<offset + buffer.count).clamped(to: bytes.buffer.indices)
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.buffer[range]))
      return range.count
    }
  }
}
