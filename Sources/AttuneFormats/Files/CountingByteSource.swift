// SPDX-License-Identifier: Apache-2.0

/// Bytes of a file that are counted, to know how much of it is done.
public final class CountingByteSource: ByteSource {
  private let source: any ByteSource
  private let size: Int?
  private var count = 0

  /// Opens a file; `-` is standard input.
  public init(path: String) throws(FileError) {
    if path == "-" {
      (source, size) = (FileByteSource.standardInput, nil)
    } else {
      source = try FileByteSource(path: path)
      // A pipe has no size, and opening it again to ask for one could wait for ever.
      let size = FileSystem.isStream(path) ? 0 : try FileSystem.size(of: path)
      self.size = size > 0 ? size : nil
    }
  }

  /// The file, for messages.
  public var name: String { source.name }

  /// The part of the file that was read; nil when nobody knows its size.
  public var share: Double? { size.map { min(1, Double(count) / Double($0)) } }

  /// Reads the next bytes.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let read = try source.read(into: buffer)
    count += read
    return read
  }
}
