// SPDX-License-Identifier: Apache-2.0

/// A file that is read by position, into memory that the caller owns; never unpacked.
///
/// Reading copies, where a memory map would end the process if another program cut the file short.
public final class RandomAccessFile: @unchecked Sendable {
  // Safe to share: the descriptor is constant and pread(2) keeps no position.
  private let descriptor: Descriptor
  /// The size in bytes when it was opened.
  public let size: Int
  /// The path that it was opened by.
  public var path: String { descriptor.path }

  /// Opens a file.
  public init(_ path: String) throws(FileError) {
    descriptor = try Descriptor(reading: path)
    size = try descriptor.size()
  }

  /// Fills the buffer from the offset; returns the count, smaller only at the end of the file.
  public func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(FileError) -> Int {
    try descriptor.read(into: buffer, at: offset)
  }

  /// Returns the bytes of the range; fewer only at the end of the file.
  public func bytes(in range: Range<Int>) throws(FileError) -> [UInt8] {
    let range = range.clamped(to: 0..<max(0, size))
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      do throws(FileError) {
        count = try descriptor.read(
          into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }
}
