// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// A folder whose files are read: one on disk, or one that is compiled into the program.
public struct FileFolder: Sendable {
  /// The folder, for messages.
  public let path: String
  /// The files by their places in the folder; nil: they lie on disk.
  private let embedded: [String: ConstantBytes]?

  /// A folder on disk.
  public init(_ path: String) { (self.path, embedded) = (path, nil) }

  /// A folder of files that are in memory for as long as the program runs; `name` is what messages call it.
  package init(embedded files: [String: ConstantBytes], name: String) {
    (path, embedded) = (name, files)
  }

  /// Whether the files lie on disk, where other programs find them too.
  public var isOnDisk: Bool { embedded == nil }

  /// Returns the path of a file, for messages.
  public func path(of name: String) -> String { FileSystem.join(path, name) }

  /// Returns the folder in this folder; an empty name means itself.
  public func subfolder(_ name: String) -> FileFolder {
    guard !name.isEmpty else { return self }
    guard let embedded else { return FileFolder(path(of: name)) }
    var inside: [String: ConstantBytes] = [:]
    for (place, bytes) in embedded where place.hasPrefix(name + "/") {
      inside[String(place.dropFirst(name.count + 1))] = bytes
    }
    return FileFolder(embedded: inside, name: path(of: name))
  }

  /// Returns whether the folder holds the file.
  public func has(_ name: String) -> Bool {
    embedded.map { $0[name] != nil } ?? FileSystem.exists(path(of: name))
  }

  /// Returns the names in the folder, sorted by their UTF-8 bytes.
  public func entries() throws(FileError) -> [String] {
    guard let embedded else { return try FileSystem.entries(of: path) }
    let names = Set(embedded.keys.map { String($0.prefix { $0 != "/" }) })
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Returns the size of a file in bytes.
  public func size(of name: String) throws(FileError) -> Int {
    try embedded == nil ? FileSystem.size(of: path(of: name)) : bytesInMemory(of: name).count
  }

  /// Returns all bytes of a file, unpacked if it is gzip.
  public func bytes(of name: String, limit: Int = InputFile.sizeLimit) throws -> [UInt8] {
    guard embedded != nil else { return try InputFile.bytes(of: path(of: name), limit: limit) }
    return try Array(bytesInMemory(of: name).buffer)
  }

  /// Returns the value of a JSON file.
  public func json(_ name: String, limit: Int = InputFile.sizeLimit) throws -> JSONField {
    let path = path(of: name)
    let bytes = try bytes(of: name, limit: limit)
    return JSONField(try JSONValue(parsing: bytes, source: path), source: path)
  }

  /// Returns the bytes of a file as they are, for reading by position.
  package func contents(of name: String) throws(FileError) -> RandomAccessBytes {
    guard embedded == nil else { return .constant(try bytesInMemory(of: name)) }
    return .file(try RandomAccessFile(path(of: name)))
  }

  private func bytesInMemory(of name: String) throws(FileError) -> ConstantBytes {
    guard let bytes = embedded?[name] else {
      throw FileError(.open, path(of: name), errorNumber: ENOENT)
    }
    return bytes
  }
}
