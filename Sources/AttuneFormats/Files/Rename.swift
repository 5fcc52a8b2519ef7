// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// The ways to put something in its place in one step.
enum Rename {
  /// Moves over whatever file stands there.
  static func replacing(_ source: String, _ target: String) throws(FileError) {
    try FileChange.pass(.create, target)
    guard rename(source, target) == 0 else {
      throw FileError(.create, target, errorNumber: errno)
    }
  }

  /// Moves a file, and fails with `.exists` if something stands there.
  static func fileExclusively(_ source: String, _ target: String) throws(FileError) {
    try FileChange.pass(.create, target)
    switch kernelRename(source, target, .exclusive) {
    case 0: return
    case let code where !isUnsupported(code): throw FileError(.create, target, errorNumber: code)
    default: break
    }
    guard link(source, target) == 0 else { throw FileError(.create, target, errorNumber: errno) }
    unlink(source)
  }

  /// Moves a folder, and fails with `.exists` if something stands there.
  static func folderExclusively(_ source: String, _ target: String) throws(FileError) {
    try FileChange.pass(.create, target)
    switch kernelRename(source, target, .exclusive) {
    case 0: return
    case let code where !isUnsupported(code): throw FileError(.create, target, errorNumber: code)
    default: try claimAndReplaceFolder(source, target)
    }
  }

  /// Makes the empty target, which only one process can, and moves over it: rename(2) replaces an
  /// empty folder in one step.
  static func claimAndReplaceFolder(_ source: String, _ target: String) throws(FileError) {
    guard mkdir(target, 0o777) == 0 else {
      throw FileError(.create, target, errorNumber: errno)
    }
    try replacing(source, target)
  }

  /// Swaps two folders; afterwards the old content stands under the name of the new one.
  static func swapping(_ source: String, _ target: String) throws(FileError) {
    try FileChange.pass(.create, target)
    switch kernelRename(source, target, .swap) {
    case 0: return
    case let code where !isUnsupported(code): throw FileError(.create, target, errorNumber: code)
    default: try swapInThreeSteps(source, target)
    }
  }

  /// Swaps where the kernel cannot: for a moment nothing stands at the target, but both are whole.
  static func swapInThreeSteps(_ source: String, _ target: String) throws(FileError) {
    let aside = source + ".old"
    try replacing(target, aside)
    do {
      try replacing(source, target)
    } catch {
      try replacing(aside, target)
      throw error
    }
    try replacing(aside, source)
  }

  private enum Mode { case exclusive, swap }

  private static func isUnsupported(_ code: Int32) -> Bool {
    code == ENOSYS || code == EINVAL || code == ENOTSUP
  }

  /// Returns 0 or the `errno`.
  private static func kernelRename(_ source: String, _ target: String, _ mode: Mode) -> Int32 {
    #if canImport(Glibc)
      // RENAME_NOREPLACE and RENAME_EXCHANGE of <linux/fs.h>.
      guard let renameat2 else { return ENOSYS }
      let flags: UInt32 = mode == .swap ? 2 : 1
      return renameat2(AT_FDCWD, source, AT_FDCWD, target, flags) == 0 ? 0 : errno
    #elseif canImport(Darwin)
      let flags = UInt32(mode == .swap ? RENAME_SWAP : RENAME_EXCL)
      return renamex_np(source, target, flags) == 0 ? 0 : errno
    #else
      return ENOSYS
    #endif
  }
}

#if canImport(Glibc)
  private typealias RenameAt2 =
    @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32

  // Swift's view of the C library hides what stands behind _GNU_SOURCE, so it is looked up by name.
  private let renameat2: RenameAt2? = dlsym(nil, "renameat2").map {
    unsafeBitCast($0, to: RenameAt2.self)
  }
#endif
