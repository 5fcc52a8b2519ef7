// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// An open file of the system; closed with its last reference.
final class Descriptor {
  let number: Int32
  let path: String
  private let isOwned: Bool
  private var isLocked = false

  /// The standard input of the process.
  static var standardInput: Descriptor {
    Descriptor(number: 0, path: "standard input", isOwned: false)
  }

  private init(number: Int32, path: String, isOwned: Bool) {
    (self.number, self.path, self.isOwned) = (number, path, isOwned)
  }

  /// Opens a file to read; folders are refused.
  convenience init(reading path: String) throws(FileError) {
    try self.init(path, flags: O_RDONLY, operation: .open)
    if try status().st_mode & S_IFMT == S_IFDIR {
      throw FileError(.open, path, errorNumber: EISDIR)
    }
  }

  /// Makes a file to write, which must not exist.
  convenience init(creating path: String) throws(FileError) {
    try FileChange.pass(.create, path)
    try self.init(path, flags: O_WRONLY | O_CREAT | O_EXCL, operation: .create)
  }

  /// Opens a folder, to lock it or to force it to the disk.
  convenience init(folder path: String) throws(FileError) {
    try self.init(path, flags: O_RDONLY | O_DIRECTORY, operation: .open)
  }

  private init(_ path: String, flags: Int32, operation: FileError.Operation) throws(FileError) {
    var number: Int32
    repeat {
      number = open(path, flags | O_CLOEXEC, 0o666)
    } while number < 0 && errno == EINTR
    guard number >= 0 else { throw FileError(operation, path, errorNumber: errno) }
    (self.number, self.path, self.isOwned) = (number, path, true)
  }

  deinit {
    // Closing alone would leave the lock to a child that is just being spawned with a copy.
    if isLocked { flock(number, LOCK_UN) }
    if isOwned { close(number) }
  }

  func status() throws(FileError) -> stat {
    var result = stat()
    guard fstat(number, &result) == 0 else { throw FileError(.open, path, errorNumber: errno) }
    return result
  }

  func size() throws(FileError) -> Int { Int(try status().st_size) }

  /// Reads once from where the last read ended; 0 is the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while true {
      let count = systemRead(number, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw FileError(.read, path, errorNumber: errno) }
    }
  }

  /// Reads from the offset until the buffer is full; fewer bytes only at the end of the file.
  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count, let base = buffer.baseAddress {
      let count = pread(number, base + filled, buffer.count - filled, off_t(offset + filled))
      if count == 0 { break }
      if count > 0 {
        filled += count
      } else if errno != EINTR {
        throw FileError(.read, path, errorNumber: errno)
      }
    }
    return filled
  }

  /// Writes all the bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    try FileChange.pass(.write, path)
    var written = 0
    while written < bytes.count, let base = bytes.baseAddress {
      let count = systemWrite(number, base + written, bytes.count - written)
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw FileError(.write, path, errorNumber: errno)
      }
    }
  }

  /// Writes all the bytes at the offset; where `write` goes on stays the same.
  func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
    try FileChange.pass(.write, path)
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        pwrite(
          number, buffer.baseAddress.map { $0 + written }, buffer.count - written,
          off_t(offset + written))
      }
      if count >= 0 {
        written += count
      } else if errno != EINTR {
        throw FileError(.write, path, errorNumber: errno)
      }
    }
  }

  /// Forces what was written to the disk.
  func synchronize() throws(FileError) {
    try FileChange.pass(.write, path)
    #if canImport(Darwin)
      if fcntl(number, F_FULLFSYNC) == 0 { return }
    #endif
    // Some file systems cannot synchronize a folder and say EINVAL; nothing is lost by that.
    guard fsync(number) == 0 || errno == EINVAL else {
      throw FileError(.write, path, errorNumber: errno)
    }
  }

  /// Takes the lock that tells other processes that the owner of this file lives.
  func lock(waiting: Bool) -> Bool {
    while flock(number, LOCK_EX | (waiting ? 0 : LOCK_NB)) != 0 {
      guard errno == EINTR else { return false }
    }
    isLocked = true
    return true
  }
}

// Inside the class the names of the system are hidden by its own methods.
private func systemRead(_ number: Int32, _ base: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(number, base, count)
}

private func systemWrite(_ number: Int32, _ base: UnsafeRawPointer, _ count: Int) -> Int {
  write(number, base, count)
}
