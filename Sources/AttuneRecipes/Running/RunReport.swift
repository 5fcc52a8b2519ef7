// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
public import AttuneTraining

/// What every training tells in the end.
public protocol RunReport: Sendable {
  /// How the training ended.
  var outcome: TrainingOutcome { get }
  /// Where the training stands.
  var state: TrainingState { get }
  /// What it cost.
  var cost: TrainingCost { get }
  /// The run's folder.
  var run: String { get }
  /// Which program opens its models, for people.
  var reader: String { get }
}

/// What the training of a model without labels tells.
public protocol ModelReport: RunReport {
  /// How good the best model is on the validation data.
  var scores: [Evaluation.Detail] { get }
  /// Trained numbers of the model.
  var parameterCount: Int { get }
}

extension ModelReport {
  /// The report as documents hold it.
  public var json: JSONValue { document(best: scores, ("parameters", .integer(parameterCount))) }
}

extension RunReport {
  /// The report as documents hold it.
  ///
  /// - Parameters:
  ///   - best: The scores of the best model.
  ///   - more: What else the training tells.
  func document(best: [Evaluation.Detail], _ more: (String, JSONValue)) -> JSONValue {
    .object(
      JSONObject([
        ("outcome", .string("\(outcome)")), ("steps", .integer(state.step)),
        ("best_step", state.bestStep.map { .integer($0) } ?? .null), ("best", best.json), more,
        ("cost", cost.json),
      ]))
  }
}

extension [Evaluation.Detail] {
  /// Names and values as documents hold them, which have no infinite numbers: those are null.
  public var json: JSONValue {
    .object(JSONObject(map { ($0.name, $0.value.isFinite ? .number($0.value) : .null) }))
  }
}
