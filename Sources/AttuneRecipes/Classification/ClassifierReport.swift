// SPDX-License-Identifier: Apache-2.0

public import AttuneModels
public import AttuneTraining
internal import Foundation

/// What a classifier's training came to.
public struct ClassifierReport: Sendable {
  /// How the training ended.
  public let outcome: TrainingOutcome
  /// Names of the labels, by index.
  public let labels: [String]
  /// The best model on the validation texts.
  public let evaluation: ClassifierEvaluation
  /// Logistic regression on the same texts.
  public let yardstick: ClassificationMetrics
  /// The true label of each validation text.
  public let truth: [Int]
  /// Where the training stands.
  public let state: TrainingState
  /// The run's folder.
  public let run: String
  /// How the model folders are laid out.
  public let layout: ClassifierLayout
  /// Which program opens them, for people.
  public let reader: String
}

extension Double {
  /// Four digits after the point.
  var rounded4: String { String(format: "%.4f", self) }
}
