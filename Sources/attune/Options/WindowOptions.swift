// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttunePipelines

/// How texts beyond what the model sees at once are read.
struct WindowOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read long texts by overlapping windows of so many tokens; 0: cut them (default: as trained).",
      valueName: "tokens"))
  var window: Int?

  @Option(
    help: ArgumentHelp(
      "Tokens from the beginning of a window to that of the next (default: half a window).",
      valueName: "tokens"))
  var stride: Int?

  func validate() throws {
    if window == 0, stride != nil {
      throw ValidationError("--stride needs windows, but --window 0 asks for none.")
    }
  }

  func apply(to classifier: TextClassification) throws(WindowingError) -> TextClassification {
    try classifier.reading(window: window, stride: stride)
  }
}
