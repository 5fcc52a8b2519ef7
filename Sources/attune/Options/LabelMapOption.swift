// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// What labels of a file mean to a model.
struct LabelMapOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What labels of the file mean to the model (0=negative,1=positive); a number may be a place.",
      valueName: "pairs"))
  var labelMap: [String] = []

  func validate() throws {
    for pair in pairs where pair.count != 2 || pair.contains(where: \.isEmpty) {
      throw ValidationError(
        "--label-map: '\(pair.joined(separator: "="))' is not a pair; expected LABEL=MEANING.")
    }
  }

  private var pairs: [[String]] {
    labelMap.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map { pair in
      pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// The labels with their meanings.
  var meanings: [(label: String, meaning: String)] { pairs.map { ($0[0], $0[1]) } }
}
