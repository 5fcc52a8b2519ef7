// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttunePipelines

/// Which classifier works.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder of the model (default: the bundled model of English reviews).", valueName: "dir"))
  var model: String?

  func load(_ precision: InferencePrecisionOption) throws -> TextClassification {
    guard let model else { return try .bundled(precision: precision.precision) }
    return try TextClassification(contentsOf: model, precision: precision.precision)
  }
}
