// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import AttunePipelines

/// All that an evaluation found, as people and programs read it.
struct EvaluationReport: ResultDocument {
  private let rows: EvaluatedRows
  private let scores: TaskScores
  private let calibration: CalibrationSection?
  private let abstention: AbstentionSection?
  private let slices: LengthSlices
  private let errors: WorstErrors?
  private let truncation: TruncationReport

  init(
    _ rows: EvaluatedRows, temperature: Double, truncation: TruncationReport, errorLimit: Int,
    leastScore: Double? = nil, seed: UInt64
  ) {
    self.rows = rows
    self.truncation = truncation
    scores = TaskScores(rows, seed: seed)
    calibration = rows.calibrationCases.map { CalibrationSection($0, temperature: temperature) }
    abstention = leastScore.map { AbstentionSection(rows, leastScore: $0) }
    slices = LengthSlices(rows)
    errors = errorLimit > 0 ? WorstErrors(rows, limit: errorLimit) : nil
  }

  /// The document that `--json` prints.
  var json: JSONValue {
    var members = [("task", .string(rows.task.rawValue))] + scores.members
    if let calibration { members.append(("calibration", calibration.json)) }
    if let abstention { members.append(("abstention", abstention.json)) }
    members.append(("lengths", slices.json))
    members.append(("reading", truncation.json))
    if let errors { members.append(("errors", errors.json)) }
    return .object(JSONObject(members))
  }

  /// The tables for people.
  var text: String {
    [scores.text, calibration?.text, abstention?.text, slices.text, errors?.text].compactMap { $0 }
      .joined(separator: "\n")
  }
}
