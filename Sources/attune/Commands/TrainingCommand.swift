// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneRecipes

/// A command that trains a model by a recipe and prints what came of it.
protocol TrainingCommand: ParsableCommand {
  associatedtype Recipe: TrainingRecipe
  associatedtype Summary: ResultDocument

  var request: Recipe.Request { get }
  var settings: Recipe.Settings { get }
  var json: Bool { get }
  var common: CommonOptions { get }

  /// What is printed in the end.
  func summary(of report: Recipe.Report) -> Summary
}

extension TrainingCommand {
  func run() throws {
    let report = try TrainingDisplay.follow(common) { monitor in
      try Recipe.run(request, settings: settings, monitor: monitor)
    }
    try ResultOutput().finish(summary(of: report), asJSON: json)
  }
}
