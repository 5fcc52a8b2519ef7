// SPDX-License-Identifier: Apache-2.0

/// How the process ends, in the numbers of `sysexits.h`.
public enum ExitStatus: Int32, Sendable {
  /// The work was done.
  case success = 0
  /// The work failed while running, for a reason that none of the others names.
  case failure = 1
  /// The command line was wrong.
  case usage = 64
  /// What was read is malformed or does not fit.
  case data = 65
  /// A file to be read is missing or unreadable.
  case noInput = 66
  /// The program itself is at fault.
  case software = 70
  /// A file or folder cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed midway.
  case ioError = 74
  /// The user stopped it (128 + SIGINT).
  case interrupted = 130
}

/// An error of this package: its description is the whole message for the user.
///
/// The description says where, what is there, what was expected and what to do.
public protocol AttuneError: Error, CustomStringConvertible {
  /// The status that the process ends with when nobody catches the error.
  var exitCode: ExitStatus { get }
}
