// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats

/// Where results go.
struct OutputOptions: ParsableArguments {
  @Option(help: ArgumentHelp("File for the results (default: standard output).", valueName: "file"))
  var output: String?

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  func open() throws(FileError) -> ResultOutput {
    guard let output else { return ResultOutput() }
    return try ResultOutput(path: output, overwrites: overwrite)
  }
}
