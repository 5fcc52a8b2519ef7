// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneModels
import AttuneRecipes
import AttuneTraining

/// What labels mean and how they stand in a table.
struct ClassifierLabelOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Column of the label.", valueName: "name"))
  var labelColumn: String?

  @Option(
    help: ArgumentHelp(
      "What labels mean (default: single-label, or what the other options and --from tell).",
      valueName: "task"))
  var task: ClassificationTask?

  @Option(
    help: ArgumentHelp(
      "What stands between the labels of a field that holds several.", valueName: "text"))
  var labelSeparator: String?

  @Option(
    help: ArgumentHelp(
      "Columns of one label each, with commas between them, that hold 1 or 0.",
      valueName: "a,b,…"))
  var labelColumns: String?

  @Option(
    help: ArgumentHelp(
      "Ordered labels from the lowest to the highest (default: as numbers).",
      valueName: "a,b,…"))
  var labelOrder: String?

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Fit to the validation texts from which probability each of several labels holds, or take 0.5 for all (default: fit)."
    ))
  var tuneThresholds: Bool?

  func validate() throws {
    if labelSeparator?.isEmpty ?? false { throw ValidationError("--label-separator is empty.") }
    for (name, list) in [("--label-columns", labelColumns), ("--label-order", labelOrder)] {
      guard let list else { continue }
      let names = Self.names(list)
      guard names.count > 1, Set(names).count == names.count, !names.contains("") else {
        throw ValidationError(
          "\(name) is '\(list)', expected two or more different names with commas between them.")
      }
    }
  }

  func apply(to settings: inout ClassifierSettings) {
    settings.labelColumn = labelColumn
    settings.task = task
    settings.labelSeparator = labelSeparator
    settings.labelColumns = labelColumns.map(Self.names)
    settings.labelOrder = labelOrder.map(Self.names)
    settings.tunesThresholds = tuneThresholds
  }

  private static func names(_ list: String) -> [String] {
    list.split(separator: ",", omittingEmptySubsequences: false).map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}
