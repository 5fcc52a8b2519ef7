// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneSystem

/// A lock that one process at a time holds on a folder; the system drops it when the process dies.
final class FolderLock {
  static let file = ".attune-lock"
  private let descriptor: Int32

  init(_ folder: String) throws {
    let path = FileSystem.join(folder, Self.file)
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError(.create, path, errorNumber: errno) }
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EINTR { continue }
      defer { close(descriptor) }
      guard code == EWOULDBLOCK else { throw FileError(.create, path, errorNumber: code) }
      throw TrainingCheckpointError(path: folder, .locked(by: Self.owner(descriptor)))
    }
    self.descriptor = descriptor
    // For the message that another process shows; the lock does not depend on it.
    let identifier = Array("\(getpid())".utf8)
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, identifier, identifier.count, 0) }
  }

  deinit {
    // Closing alone would leave the lock to a child that is just being spawned with a copy.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func owner(_ descriptor: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 20)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    return Int32(text).map { "process \($0)" } ?? "another process"
  }
}
