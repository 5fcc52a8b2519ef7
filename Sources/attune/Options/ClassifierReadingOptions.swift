// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes

/// How a training reads texts that are longer than what the model sees at once.
struct ClassifierReadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read long texts by overlapping windows of so many tokens (default: 0, cut them).",
      valueName: "tokens"))
  var window: Int?

  @Option(
    help: ArgumentHelp(
      "Tokens from the beginning of a window to that of the next (default: half a window).",
      valueName: "tokens"))
  var stride: Int?

  @Option(
    help: ArgumentHelp(
      "Which windows are learned from (default: random, another in each pass); in validation the mean over all counts.",
      valueName: "windows"))
  var trainWindows: ClassifierSettings.TrainingWindows?

  func apply(to settings: inout ClassifierSettings) {
    (settings.window, settings.stride) = (window, stride)
    settings.trainingWindows = trainWindows
  }
}
