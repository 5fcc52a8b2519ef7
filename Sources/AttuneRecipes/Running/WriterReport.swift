// SPDX-License-Identifier: Apache-2.0

public import AttuneTraining

/// What the training of a model that writes came to.
public struct WriterReport: ModelReport {
  /// How the training ended.
  public let outcome: TrainingOutcome
  /// The best model on the validation data.
  public let evaluation: Evaluation
  /// Where the training stands.
  public let state: TrainingState
  /// What it cost.
  public let cost: TrainingCost
  /// Trained numbers of the model.
  public let parameterCount: Int
  /// The run's folder.
  public let run: String
  /// Which program opens its models, for people.
  public let reader: String

  /// How good that model is.
  public var scores: [Evaluation.Detail] { evaluation.details }
}
