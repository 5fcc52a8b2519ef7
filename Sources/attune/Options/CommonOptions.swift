// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneTensors

/// What every command takes.
struct CommonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Threads to compute with (default: one a core).", valueName: "count"))
  var threads: Int?

  @Flag(help: "Print results and errors only.")
  var quiet = false

  @Flag(help: "Print more of what happens.")
  var verbose = false

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads), expected a number from 1 to 1024.")
    }
    if let problem = InstructionLevel.problem { throw ValidationError(problem) }
    try ValidationError.exclude(("--quiet", quiet), ("--verbose", verbose))
  }

  /// Puts the options into effect.
  func apply() -> Diagnostics {
    if let threads { Parallel.threadCount = threads }
    return Diagnostics(isQuiet: quiet, isVerbose: verbose)
  }
}
