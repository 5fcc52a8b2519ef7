// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneCheckpoints
import AttuneModels
import AttuneRecipes

/// `attune convert`
struct ConvertCommand: ParsableCommand {
  /// How weights are stored.
  enum Weights: String, ExpressibleByArgument, CaseIterable {
    case float32
    case float16
    case bfloat16

    var storage: WeightStorage {
      switch self {
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a model again in another layout or with smaller weights.")

  @Option(help: ArgumentHelp("Folder of the model.", valueName: "dir"))
  var model: String

  @Option(help: ArgumentHelp("Folder to write.", valueName: "dir"))
  var output: String

  @Option(
    help: "Layout of a classifier (default: the folder's own, or the one that most programs open).")
  var layout: ClassifierLayout?

  @Option(help: "How the weights are stored; float16 and bfloat16 halve the file.")
  var weights = Weights.float32

  @Flag(help: "Replace a model that stands at the output.")
  var overwrite = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    let diagnostics = common.apply()
    let reader = try ModelConversion.run(
      model: model, output: output, layout: layout,
      storage: weights.storage, overwriting: overwrite)
    diagnostics.note("\(output): opens in \(reader)")
  }
}
