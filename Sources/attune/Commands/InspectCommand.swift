// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneCheckpoints
import AttuneFormats
import AttuneModels
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
    let (document, text) = try inspected(model.map(TrainingRun.bestModel))
    let output = ResultOutput()
    if json {
      try output.write(document, .pretty)
    } else {
      try output.write(text)
    }
    try output.finish()
  }

  private func inspected(_ path: String?) throws -> (json: JSONValue, text: String) {
    guard let path else {
      let inspection = ModelInspection(try .bundled(), path: nil)
      return (inspection.json, inspection.text)
    }
    do {
      if let writer = try WriterInspection(path) { return (writer.json, writer.text) }
      let classifier = try TextClassification(contentsOf: path)
      let isOwn = try ClassifierFolder.isOwnLayout(ModelFolder(path))
      let folder = isOwn ? nil : try FolderInspection(contentsOf: path)
      let inspection = ModelInspection(classifier, path: path, folder: folder)
      return (inspection.json, inspection.text)
    } catch let error as QuantizedWeightsError {
      let inspection = try QuantizedInspection(error, path: path)
      return (inspection.json, inspection.text)
    } catch let problem {
      // What is no classifier may be something else; what is nothing else is a damaged classifier.
      let folder: FolderInspection
      do { folder = try FolderInspection(contentsOf: path) } catch { throw problem }
      let inspection = EncoderInspection(folder)
      return (inspection.json, inspection.text)
    }
  }
}
