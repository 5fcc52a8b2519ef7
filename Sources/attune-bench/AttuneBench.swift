// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Measures how fast this machine trains and answers.
@main
struct AttuneBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attune-bench", abstract: "Measures how fast this machine trains and answers.",
    discussion: "Every command prints one JSON object a line; Benchmarks/README.md compares.",
    subcommands: [
      TrainCommand.self, MaskedCommand.self, EpochCommand.self, TokenizeCommand.self,
      EncodeCommand.self,
      EmbedCommand.self, LatencyCommand.self, ProductsCommand.self, PackedCommand.self,
      PeakCommand.self,
    ]
  )
}
