// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttuneSystem

/// How the process ends.
enum Termination {
  /// Lets the system end the process in silence when nobody reads its output any more.
  static func useDefaultBrokenPipe() { signal(SIGPIPE, SIG_DFL) }

  /// Ends the process with the message and the status of an error.
  static func exit(after error: any Error) -> Never {
    if let error = error as? any AttuneError {
      StandardError.tell("error: \(error)")
      systemExit(error.exitCode.rawValue)
    }
    let status = Attune.exitCode(for: error)
    if status == .failure, !(error is ExitCode) {
      StandardError.tell("error: unexpected: \(error)")
      systemExit(ExitStatus.software.rawValue)
    }
    let message = Attune.fullMessage(for: error)
    if status.isSuccess {
      print(message)
    } else if !message.isEmpty {
      let isPlain = !message.hasPrefix("Error: ")
      StandardError.tell(isPlain ? message : "error: \(message.dropFirst(7))")
    }
    systemExit(status.rawValue)
  }
}

// Inside the type the name of the system is hidden by its own method.
private func systemExit(_ status: Int32) -> Never { exit(status) }
