// SPDX-License-Identifier: Apache-2.0

/// A file that appears complete or not at all, whatever happens on the way.
///
/// The bytes go into a hidden file beside it, are forced to the disk, and the name is given last.
public final class AtomicFile {
  /// What to do when the target exists.
  public enum Existing: Sendable {
    /// Throw `.exists`, at the start and again at the commit.
    case refuse
    /// Replace it.
    case replace
  }

  /// What to do when the folder that holds the target is missing.
  public enum Parents: Sendable {
    /// Throw `.missingParent`.
    case required
    /// Make it and those above it.
    case created
  }

  /// Where the file will stand.
  public let path: String
  private let existing: Existing
  private let temporary: Temporary
  private let descriptor: Descriptor

  /// Starts a file; nothing is to be seen at the path before `commit()`.
  public init(
    _ path: String, existing: Existing = .refuse, parents: Parents = .required
  ) throws(FileError) {
    (self.path, self.existing) = (path, existing)
    try Temporary.prepare(path, existing: existing, parents: parents)
    if FileSystem.isFolder(path) { throw FileError(.create, path, errorNumber: Temporary.isFolder) }
    (temporary, descriptor) = try Temporary.file(beside: path)
  }

  /// Appends the bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    do {
      try descriptor.write(bytes)
    } catch {
      throw temporary.renamed(error)
    }
  }

  /// Appends the bytes.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    let result = bytes.withUnsafeBytes { buffer in
      Result { () throws(FileError) in try write(buffer) }
    }
    try result.get()
  }

  /// Writes the bytes over those at the offset, which were written before.
  public func overwrite(_ bytes: [UInt8], at offset: Int) throws(FileError) {
    do {
      try descriptor.write(bytes, at: offset)
    } catch {
      throw temporary.renamed(error)
    }
  }

  /// Forces the bytes to the disk and gives the file its name.
  public func commit() throws(FileError) {
    do {
      try descriptor.synchronize()
    } catch {
      throw temporary.renamed(error)
    }
    switch existing {
    case .refuse: try Rename.fileExclusively(temporary.path, path)
    case .replace: try Rename.replacing(temporary.path, path)
    }
    temporary.isDone = true
    try FileSystem.synchronizeFolder(FileSystem.parent(of: path))
  }

  /// Writes a whole file in one step.
  public static func write(
    _ bytes: [UInt8], to path: String, existing: Existing = .replace, parents: Parents = .required
  ) throws(FileError) {
    let file = try AtomicFile(path, existing: existing, parents: parents)
    try file.write(bytes)
    try file.commit()
  }

  /// Removes what killed processes left half-written in the folder; returns the names removed.
  @discardableResult
  public static func removeLeftovers(in folder: String) throws(FileError) -> [String] {
    try Temporary.removeLeftovers(in: folder)
  }
}
