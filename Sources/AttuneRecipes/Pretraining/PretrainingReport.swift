// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
public import AttuneTraining

/// What a pretraining came to.
public struct PretrainingReport: RunReport {
  /// How the training ended.
  public let outcome: TrainingOutcome
  /// The best model on the validation texts.
  public let evaluation: MaskedTokenEvaluation
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

  /// The report as documents hold it.
  public var json: JSONValue {
    let details = evaluation.evaluation.details
    return [
      "outcome": .string("\(outcome)"),
      "steps": .integer(state.step),
      "best_step": state.bestStep.map { .integer($0) } ?? .null,
      "best": .object(JSONObject(details.map { ($0.name, .number($0.value)) })),
      "parameters": .integer(parameterCount),
      "cost": cost.json,
    ]
  }
}
