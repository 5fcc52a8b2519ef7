// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// A folder that appears with all its files or not at all.
///
/// ```swift
/// let folder = try AtomicFolder("model", existing: .replace(holding: ["config.json"]))
/// try folder.write(bytes, to: "config.json")
/// try folder.write(more, to: "1_Pooling/config.json")
/// try folder.commit()
/// ```
public final class AtomicFolder {
  /// What to do when the target exists.
  public enum Existing: Sendable, Equatable {
    /// Throw `.exists`, at the start and again at the commit.
    case refuse
    /// Replace an empty folder, or one that holds at least one of these names; refuse any other, so
    /// that a slip of the pen does not delete somebody's home.
    case replace(holding: [String])
  }

  /// Where the folder will stand.
  public let path: String
  /// Where its files are written until then.
  public var temporaryPath: String { temporary.path }
  private let existing: Existing
  private let temporary: Temporary
  private let lock: Descriptor

  /// Starts a folder; nothing is to be seen at the path before `commit()`.
  public init(
    _ path: String, existing: Existing = .refuse, parents: AtomicFile.Parents = .required
  ) throws(FileError) {
    self.path = FileSystem.withoutTrailingSlashes(path)
    self.existing = existing
    try Temporary.prepare(
      self.path, existing: existing == .refuse ? .refuse : .replace, parents: parents)
    try Self.checkReplaceable(self.path, existing)
    (temporary, lock) = try Temporary.folder(beside: self.path)
  }

  /// Writes one file; the name may lead through subfolders, which are made.
  public func write(_ bytes: [UInt8], to name: String) throws(FileError) {
    let file = try open(name)
    try file.write(bytes)
  }

  /// Returns one file to write in pieces; it needs no commit of its own.
  public func open(_ name: String) throws(FileError) -> FolderFile {
    let target = FileSystem.join(temporary.path, name)
    do {
      try FileSystem.createFolder(FileSystem.parent(of: target))
      return FolderFile(descriptor: try Descriptor(creating: target), temporary: temporary)
    } catch {
      throw temporary.renamed(error)
    }
  }

  /// Forces all files to the disk and gives the folder its name; an old one is removed last.
  public func commit() throws(FileError) {
    do {
      try FileSystem.synchronizeTree(temporary.path)
    } catch {
      throw temporary.renamed(error)
    }
    let isReplacing = existing != .refuse && FileSystem.exists(path)
    if isReplacing {
      try Self.checkReplaceable(path, existing)
      try Rename.swapping(temporary.path, path)
    } else {
      try Rename.folderExclusively(temporary.path, path)
    }
    temporary.isDone = true
    try FileSystem.synchronizeFolder(FileSystem.parent(of: path))
    if isReplacing { try FileSystem.remove(temporary.path) }
  }

  private static func checkReplaceable(
    _ path: String, _ existing: Existing
  ) throws(FileError) {
    guard case .replace(let names) = existing, FileSystem.exists(path) else { return }
    guard FileSystem.isFolder(path) else { throw FileError(.create, path, errorNumber: ENOTDIR) }
    let entries = try FileSystem.entries(of: path)
    guard entries.isEmpty || entries.contains(where: names.contains) else {
      throw FileError(.create, path, errorNumber: ENOTEMPTY)
    }
  }
}

/// A file inside an `AtomicFolder`, written in pieces.
public final class FolderFile {
  private let descriptor: Descriptor
  private let temporary: Temporary

  init(descriptor: Descriptor, temporary: Temporary) {
    (self.descriptor, self.temporary) = (descriptor, temporary)
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
}
