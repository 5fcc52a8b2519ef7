// SPDX-License-Identifier: Apache-2.0

/// A way from data to a folder with a trained model.
public protocol TrainingRecipe {
  /// What is trained on what, and where the result goes.
  associatedtype Request
  /// What a user may ask for.
  associatedtype Settings: RecipeSettings
  /// What the training came to.
  associatedtype Report: RunReport

  /// Trains a model.
  ///
  /// - Parameters:
  ///   - settings: What the user asks for; the rest is chosen by the recipe and the data.
  ///   - monitor: How the caller follows the training and stops it.
  static func run(
    _ request: Request, settings: Settings, monitor: RecipeMonitor
  ) throws -> Report
}

extension TrainingRecipe {
  /// Trains a model.
  ///
  /// - Parameters:
  ///   - settings: What the user asks for; the rest is chosen by the recipe and the data.
  ///   - shouldStop: Polled before each step; when true, the run is saved and returns.
  ///   - observe: Told what happens.
  public static func run(
    _ request: Request, settings: Settings = Settings(),
    shouldStop: @escaping () -> Bool = { false },
    observe: @escaping (RecipeEvent) -> Void = { _ in }
  ) throws -> Report {
    try run(
      request, settings: settings,
      monitor: RecipeMonitor(shouldStop: shouldStop, observe: observe))
  }
}

/// How a caller follows a recipe and stops it.
public struct RecipeMonitor {
  /// Polled before each step; when true, the run is saved and returns.
  let shouldStop: () -> Bool
  /// Told what happens.
  let observe: (RecipeEvent) -> Void

  /// A caller who is asked `shouldStop` before each step, and told what happens.
  public init(
    shouldStop: @escaping () -> Bool, observe: @escaping (RecipeEvent) -> Void
  ) {
    (self.shouldStop, self.observe) = (shouldStop, observe)
  }

  /// Throws when the caller asked to stop before there is anything to save.
  func checkForStop() throws(TrainingRunError) {
    if shouldStop() { throw .interruptedEarly }
  }

  func note(_ text: String) { observe(.note(text)) }
  func notes(_ texts: [String]) { texts.forEach(note) }
  func warnings(_ texts: [String]) { texts.forEach { observe(.warning($0)) } }
}
