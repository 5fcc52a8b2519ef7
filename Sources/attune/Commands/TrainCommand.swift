// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `attune train`
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model on your own data.",
    subcommands: [
      TrainClassifierCommand.self, TrainTranslatorCommand.self, TrainCaptionerCommand.self,
    ],
    aliases: ["finetune"])
}
