// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneCheckpoints
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
    let inspection = try inspected(model.map(TrainingRun.bestModel))
    try ResultOutput().finish(inspection, asJSON: json)
  }

  private func inspected(_ path: String?) throws -> any ResultDocument {
    guard let path else {
      return ModelInspection(try .bundled(), path: nil)
    }
    do {
      if let writer = try WriterInspection(path) { return writer }
      let classifier = try TextClassification(contentsOf: path)
      let isOwn = try ClassifierFolder.isOwnLayout(ModelFolder(path))
      let folder = isOwn ? nil : try FolderInspection(contentsOf: path)
      return ModelInspection(classifier, path: path, folder: folder)
    } catch let error as QuantizedWeightsError {
      return try QuantizedInspection(error, path: path)
    } catch let problem {
      // What is no classifier may be something else; what is nothing else is a damaged classifier.
      let folder: FolderInspection
      do { folder = try FolderInspection(contentsOf: path) } catch { throw problem }
      return EncoderInspection(folder)
    }
  }
}
