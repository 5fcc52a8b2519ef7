// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttunePipelines

/// `attune inspect`
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what a model is made of and how it was trained.")

  @Argument(
    help: ArgumentHelp("Folder of the model (default: the bundled model).", valueName: "dir"))
  var model: String?

  @Flag(help: "Print one JSON document.")
  var json = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    _ = common.apply()
    let path = model.map(TrainingRun.bestModel)
    let classifier = try path.map(TextClassification.init(contentsOf:)) ?? .bundled()
    let inspection = ModelInspection(classifier, path: path)
    let output = ResultOutput()
    if json {
      try output.write(inspection.json, .pretty)
    } else {
      try output.write(inspection.text)
    }
    try output.finish()
  }
}
