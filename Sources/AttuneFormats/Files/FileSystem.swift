// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// Questions to the file system and the few changes that need no atomicity.
public enum FileSystem {
  /// Returns whether something stands at the path, following links.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0
  }

  /// Returns whether a folder stands at the path, following links.
  public static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Returns whether something stands at the path that can be read from its beginning alone, as a pipe; following links.
  public static func isStream(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    return ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  /// Returns the size of the file in bytes.
  public static func size(of path: String) throws(FileError) -> Int {
    try Descriptor(reading: path).size()
  }

  /// Returns the names in the folder, sorted by their UTF-8 bytes.
  public static func entries(of folder: String) throws(FileError) -> [String] {
    guard let stream = opendir(folder) else { throw FileError(.open, folder, errorNumber: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Makes the folder and those above it, where they are missing.
  public static func createFolder(_ path: String) throws(FileError) {
    guard !isFolder(path) else { return }
    let parent = parent(of: path)
    if parent != path { try createFolder(parent) }
    try FileChange.pass(.create, path)
    if mkdir(path, 0o777) != 0, errno != EEXIST || !isFolder(path) {
      throw FileError(.create, path, errorNumber: errno == EEXIST ? ENOTDIR : errno)
    }
  }

  /// Removes the file, or the folder with all that is in it; links are removed, never followed.
  public static func remove(_ path: String) throws(FileError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw FileError(.remove, path, errorNumber: errno) }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    if isFolder {
      for name in try entries(of: path) { try remove(join(path, name)) }
    }
    try FileChange.pass(.remove, path)
    guard (isFolder ? rmdir(path) : unlink(path)) == 0 else {
      throw FileError(.remove, path, errorNumber: errno)
    }
  }

  /// Returns the path of a name in a folder.
  public static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty || folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// Returns the path from the root.
  public static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let directory = getcwd(nil, 0) else { return path }
    defer { free(directory) }
    return join(String(cString: directory), path)
  }

  /// Returns the folder that holds the path: `.` for a bare name.
  public static func parent(of path: String) -> String {
    let trimmed = withoutTrailingSlashes(path)
    guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    let parent = withoutTrailingSlashes(String(trimmed[..<slash]))
    return parent.isEmpty ? "/" : parent
  }

  /// Returns the last name of the path.
  public static func name(of path: String) -> String {
    let trimmed = withoutTrailingSlashes(path)
    guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return trimmed }
    return trimmed == "/" ? trimmed : String(trimmed[trimmed.utf8.index(after: slash)...])
  }

  static func withoutTrailingSlashes(_ path: String) -> String {
    var result = path
    while result.utf8.count > 1, result.hasSuffix("/") { result.removeLast() }
    return result
  }

  /// Forces the folder, and with it the names in it, to the disk.
  static func synchronizeFolder(_ path: String) throws(FileError) {
    try Descriptor(folder: path).synchronize()
  }

  /// Forces every file and folder below the folder, and itself, to the disk.
  static func synchronizeTree(_ folder: String) throws(FileError) {
    for name in try entries(of: folder) {
      let path = join(folder, name)
      var status = stat()
      guard lstat(path, &status) == 0 else { throw FileError(.write, path, errorNumber: errno) }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: try synchronizeTree(path)
      case S_IFREG: try Descriptor(reading: path).synchronize()
      default: break
      }
    }
    try synchronizeFolder(folder)
  }
}
