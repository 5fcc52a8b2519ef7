// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// Why training cannot start or go on.
public enum TrainingError: AttuneError, Equatable {
  /// There is nothing to train on.
  case noExamples
  /// A loss or gradient is not a finite number; nothing of this step was written.
  case notFinite(quantity: String, value: Double, step: Int, learningRate: Double)
  /// The saved state of the optimizer does not fit the model.
  case optimizerState([String])
  /// A run is resumed with other examples, another seed or other batches than it began with.
  case resumedDifferently(saved: String, found: String)

  /// The status that the process ends with.
  public var exitCode: ExitStatus {
    switch self {
    case .notFinite: .failure
    case .noExamples, .optimizerState, .resumedDifferently: .data
    }
  }

  /// The message for the user.
  public var description: String {
    switch self {
    case .noExamples: "there are no training examples; give at least one."
    case .notFinite(let quantity, let value, let step, let rate):
      "step \(step): the \(quantity) is \(value) at learning rate \(rate). The step was not made and "
        + "the last checkpoint stands. Lower the learning rate, warm up longer or clip gradients."
    case .optimizerState(let problems):
      "the saved optimizer does not fit the model:\n  " + problems.joined(separator: "\n  ")
    case .resumedDifferently(let saved, let found):
      "the run began with \(saved), and is resumed with \(found). Resume with the same examples and "
        + "settings, or start anew."
    }
  }
}
