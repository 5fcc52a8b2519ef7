// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes

/// How a student learns from its teacher.
struct DistillationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What logits are divided by before they become probabilities: the higher, the more counts how \
      the teacher ranks wrong labels (default: 2).
      """, valueName: "number"))
  var temperature: Double?

  @Option(
    help: ArgumentHelp(
      "Share of the label in what is said of a labelled text; the teacher has the rest (default: 0.5).",
      valueName: "share"))
  var labelShare: Double?

  @Option(
    help: ArgumentHelp(
      """
      What of the teacher's states is learned from, through a map that is learned too: the vector of \
      a text (pooled), those of all tokens behind the layers (layers; the student must have the \
      teacher's tokens), or none (default: pooled).
      """, valueName: "states"))
  var hidden: ClassifierSettings.HiddenStates?

  @Option(help: ArgumentHelp("How much that counts (default: 1).", valueName: "factor"))
  var hiddenWeight: Double?

  func apply(to settings: inout ClassifierSettings) {
    (settings.temperature, settings.labelShare) = (temperature, labelShare)
    (settings.hiddenStates, settings.hiddenWeight) = (hidden, hiddenWeight)
  }
}
