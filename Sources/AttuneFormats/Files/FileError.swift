// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// Why a file or folder cannot be read or written.
public struct FileError: AttuneError, Equatable {
  /// What was being done.
  public enum Operation: Sendable, Equatable {
    /// A file that should be there is opened, or looked at.
    case open
    /// Its bytes are read.
    case read
    /// A file or folder is made, or put in its place.
    case create
    /// Bytes are written or forced to the disk.
    case write
    /// A file or folder is removed.
    case remove
  }

  /// What stands in the way, as far as callers tell them apart.
  public enum Reason: Sendable, Equatable {
    /// There is no such file.
    case missing
    /// The folder that should hold the new file is not there.
    case missingParent
    /// The user may not.
    case permission
    /// A folder stands where a file is wanted.
    case isFolder
    /// A file stands where a folder is wanted.
    case isNotFolder
    /// Something stands there already and may not be replaced.
    case exists
    /// The disk or the quota is full, or the file is too large for it.
    case noSpace
    /// Something else; the system's own words are in the message.
    case other
  }

  /// What was being done.
  public let operation: Operation
  /// The file or folder.
  public let path: String
  /// The `errno` of the system.
  public let errorNumber: Int32

  /// Makes an error of the operation on the path with the system's `errno`.
  public init(_ operation: Operation, _ path: String, errorNumber: Int32) {
    (self.operation, self.path, self.errorNumber) = (operation, path, errorNumber)
  }

  /// What stands in the way.
  public var reason: Reason {
    switch errorNumber {
    case ENOENT: operation == .create ? .missingParent : .missing
    case EACCES, EPERM, EROFS: .permission
    case EISDIR: .isFolder
    case ENOTDIR: .isNotFolder
    case EEXIST, ENOTEMPTY: .exists
    case ENOSPC, EDQUOT, EFBIG: .noSpace
    default: .other
    }
  }

  /// The status by operation: input missing, cannot create, or input and output.
  public var exitCode: ExitStatus {
    switch operation {
    case .open: .noInput
    case .create: reason == .noSpace ? .ioError : .cannotCreate
    case .read, .write, .remove: .ioError
    }
  }

  /// The message for the user.
  public var description: String { "\(path): \(explanation)" }

  private var explanation: String {
    switch (reason, operation) {
    case (.missing, _): return "no such file or folder."
    case (.missingParent, _): return "the folder to hold it does not exist."
    case (.permission, .open), (.permission, .read): return "not readable by this user."
    case (.permission, _): return "not writable by this user."
    case (.isFolder, _): return "is a folder, expected a file."
    case (.isNotFolder, _): return "a file stands where a folder is expected."
    case (.exists, _): return "exists already; choose another name or ask to overwrite it."
    case (.noSpace, .read): return "is too large to be read into memory at once."
    case (.noSpace, _):
      return "no space is left for it (disk or quota full, or size limit reached)."
    case (.other, _):
      let system = String(cString: strerror(errorNumber))
      return "cannot \(verb): \(system) (errno \(errorNumber))."
    }
  }

  private var verb: String {
    switch operation {
    case .open: "open"
    case .read: "read"
    case .create: "create"
    case .write: "write"
    case .remove: "remove"
    }
  }
}
