// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// A hidden file or folder beside its target, removed with its last reference unless it is done.
///
/// Its owner holds a lock on it, which the system drops when the process dies: what can be locked by
/// another is left over.
final class Temporary {
  static let marker = ".attune-unfinished-"
  static let isFolder = EISDIR

  let path: String
  private let target: String
  var isDone = false

  private init(path: String, target: String) {
    (self.path, self.target) = (path, target)
  }

  deinit {
    // Nobody can be told in a deinit; a remainder is found by `removeLeftovers`.
    if !isDone { _ = Result { () throws(FileError) in try FileSystem.remove(path) } }
  }

  /// Checks, before any work is done, what would make the commit fail.
  static func prepare(
    _ path: String, existing: AtomicFile.Existing, parents: AtomicFile.Parents
  ) throws(FileError) {
    if existing == .refuse, FileSystem.exists(path) {
      throw FileError(.create, path, errorNumber: EEXIST)
    }
    let parent = FileSystem.parent(of: path)
    if parents == .created { try FileSystem.createFolder(parent) }
    guard FileSystem.exists(parent) else { throw FileError(.create, path, errorNumber: ENOENT) }
    guard FileSystem.isFolder(parent) else { throw FileError(.create, path, errorNumber: ENOTDIR) }
  }

  static func file(beside target: String) throws(FileError) -> (Temporary, Descriptor) {
    try make(beside: target) { path throws(FileError) in try Descriptor(creating: path) }
  }

  static func folder(beside target: String) throws(FileError) -> (Temporary, Descriptor) {
    try make(beside: target) { path throws(FileError) in
      try FileChange.pass(.create, path)
      guard mkdir(path, 0o777) == 0 else { throw FileError(.create, path, errorNumber: errno) }
      return try Descriptor(folder: path)
    }
  }

  private static func make(
    beside target: String, _ create: (String) throws(FileError) -> Descriptor
  ) throws(FileError) -> (Temporary, Descriptor) {
    while true {
      let suffix = String(UInt64.random(in: 0...(.max)), radix: 36)
      // Names may have 255 bytes; a long one is cut so that the suffix fits.
      let name = String(FileSystem.name(of: target).unicodeScalars.prefix(48))
      let temporary = Temporary(
        path: FileSystem.join(FileSystem.parent(of: target), ".\(name)\(marker)\(suffix)"),
        target: target)
      do {
        let descriptor = try create(temporary.path)
        _ = descriptor.lock(waiting: true)
        // Another process may have taken it for a leftover before the lock was ours.
        if FileSystem.exists(temporary.path) { return (temporary, descriptor) }
        temporary.isDone = true
      } catch {
        temporary.isDone = true
        guard error.errorNumber == EEXIST else { throw temporary.renamed(error) }
      }
    }
  }

  /// Returns the error with the name that the user knows.
  func renamed(_ error: FileError) -> FileError {
    guard error.path.hasPrefix(path) else { return error }
    return FileError(
      error.operation, target + error.path.dropFirst(path.count), errorNumber: error.errorNumber)
  }

  static func removeLeftovers(in folder: String) throws(FileError) -> [String] {
    var removed: [String] = []
    for name in try FileSystem.entries(of: folder) where name.hasPrefix(".") {
      let path = FileSystem.join(folder, name)
      guard name.utf8.count > marker.utf8.count, name.dropFirst().contains(marker),
        let descriptor = lockable(path), descriptor.lock(waiting: false)
      else { continue }
      try FileSystem.remove(path)
      removed.append(name)
    }
    return removed
  }

  private static func lockable(_ path: String) -> Descriptor? {
    let opened = Result { () throws(FileError) in
      FileSystem.isFolder(path)
        ? try Descriptor(folder: path) : try Descriptor(reading: path)
    }
    // What this user cannot open belongs to another, who will remove it.
    guard case .success(let descriptor) = opened else { return nil }
    return descriptor
  }
}
