// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The program: parses the command line, calls the library, prints.
@main
struct Attune: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attune",
    abstract: "Trains and runs transformers on plain processors.",
    discussion: """
      Results go to standard output, everything else to standard error. The exit status is 0 when \
      the work is done, 64 for a wrong command line, 65 for wrong data, 66 for a missing file, 73 \
      for an output that cannot be made, 74 for a failed read or write, 130 after Ctrl-C.
      """,
    version: "0.1.0",
    subcommands: [
      ClassifyCommand.self, TranslateCommand.self, CaptionCommand.self, EmbedCommand.self,
      SimilarCommand.self, FillMaskCommand.self, TrainCommand.self, PretrainCommand.self,
      DistillCommand.self, TrainTokenizerCommand.self, EvaluateCommand.self,
      InspectCommand.self, TokenizeCommand.self, ConvertCommand.self,
    ])

  static func main() {
    Termination.useDefaultBrokenPipe()
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      try CommandNames.check(arguments, below: Attune.self)
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      Termination.exit(after: error)
    }
  }
}
