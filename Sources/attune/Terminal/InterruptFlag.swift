// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneSystem
import Synchronization

/// The signal that asked the process to stop; 0: none.
private let signalNumber = Atomic<Int32>(0)

/// Ctrl-C and `kill`, taken as a wish to save and stop; the second one ends the process at once.
enum InterruptFlag {
  /// Starts to listen.
  static func install() {
    // The handler must find the flag made: making it is not safe inside a handler.
    signalNumber.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        let (isFirst, _) = signalNumber.compareExchange(
          expected: 0, desired: number, ordering: .relaxed)
        if !isFirst { _exit(128 + number) }
      }
    }
  }

  /// Whether somebody asked to stop.
  static var isRaised: Bool { signalNumber.load(ordering: .relaxed) != 0 }

  /// 128 and the number of the signal, as shells count.
  static var exitCode: ExitCode { ExitCode(128 + signalNumber.load(ordering: .relaxed)) }

  /// Throws when somebody asked to stop.
  static func check() throws { if isRaised { throw exitCode } }
}
