// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import AttunePipelines
import AttuneRecipes
import AttuneTraining

/// What a training came to, as people and programs read it.
struct TrainingSummary: ResultDocument {
  private let report: ClassifierReport
  private let scores: TaskScores

  init(_ report: ClassifierReport) {
    self.report = report
    let truths = report.truth.map { ClassificationExample(ids: [], target: $0) }
    scores =
      switch report.evaluation {
      case .labels(let evaluation):
        TaskScores(
          labels: report.labels, truths: truths.map(\.label), predictions: evaluation.predictions,
          isOrdinal: report.task == .ordinal, seed: 0)
      case .labelSets(let evaluation):
        TaskScores(
          labels: report.labels, truths: truths.map(\.labels),
          predictions: evaluation.predictions, seed: 0)
      case .numbers(let evaluation):
        TaskScores(truths: truths.map(\.number), predictions: evaluation.predictions, seed: 0)
      }
  }

  /// The document that `--json` prints: that of `evaluate`, and what is known of the training.
  var json: JSONValue {
    var document = JSONObject(scores.members)
    document["task"] = .string(report.task.rawValue)
    document["yardstick"] = details(report.yardstick).json
    document["model"] = .string(TrainingRun(report.run).best)
    document["opens_in"] = .string(report.reader)
    document["steps"] = .integer(report.state.step)
    document["best_step"] = report.state.bestStep.map { .integer($0) } ?? .null
    document["stopped_early"] = .bool(report.outcome == .stoppedEarly)
    document["reading"] = report.reading.json
    if let calibration = report.calibration {
      document["calibration"] = [
        "temperature": .number(calibration.temperature),
        "expected_calibration_error": [
          "before": .number(calibration.calibrationError.before),
          "after": .number(calibration.calibrationError.after),
        ],
      ]
    }
    document["cost"] = report.cost.json
    return .object(document)
  }

  /// The tables for people.
  var text: String {
    "The best model on the validation texts:\n\n\(scores.text)\n\(comparison)\(calibration)\n\(places.text)"
  }

  private func details(_ evaluation: TaskEvaluation) -> [Evaluation.Detail] {
    evaluation.summary(scoredBy: report.score, labelNames: report.labels).details
  }

  private var comparison: String {
    let shown = details(report.yardstick).filter { $0.name != "cross_entropy" }.prefix(3)
    let scores = shown.map { "\($0.name.replacing("_", with: " ")) \($0.value.decimal(3))" }
    return
      "Yardstick (words and word pairs alone): \(scores.joined(separator: ", ")). \(verdict)\n"
  }

  private var calibration: String {
    guard let calibration = report.calibration else { return "" }
    let error = calibration.calibrationError
    return
      "Calibration: temperature \(calibration.temperature.decimal(3)); expected calibration error "
      + "\(error.before.percent) without, \(error.after.percent) with it on these texts.\n"
  }

  /// Which of the two is better, by the score that chose the model.
  private var verdict: String {
    let ours = report.evaluation.value(of: report.score) ?? 0
    let yardsticks = report.yardstick.value(of: report.score) ?? 0
    guard ours != yardsticks else { return "The transformer is no better." }
    let better = ours > yardsticks ? "The transformer" : "The yardstick"
    let difference = abs(ours - yardsticks)
    let isShare: Bool =
      switch report.score {
      case .accuracy, .macroF1, .microF1, .exactMatch: true
      default: false
      }
    let size =
      isShare
      ? "\((100 * difference).decimal(1)) points of \(report.score.name)"
      : "\(difference.decimal(3)) in \(report.score.name)"
    return "\(better) is better by \(size)."
  }

  private var places: TextTable {
    var table = TextTable(.left)
    table.append(["model", TrainingRun(report.run).best])
    table.append(["opens in", report.reader])
    table.append(["use it", "attune classify TEXT --model \(report.run)"])
    table.append(report.cost)
    return table
  }
}

extension EvaluationScore {
  /// The score in words.
  fileprivate var name: String {
    switch self {
    case .accuracy: "accuracy"
    case .macroF1: "macro-F1"
    case .microF1: "micro-F1"
    case .exactMatch: "exact match"
    case .meanAbsoluteError: "mean absolute error"
    case .rootMeanSquaredError: "root mean squared error"
    case .pearson: "correlation"
    case .spearman: "correlation of ranks"
    case .quadraticKappa: "kappa"
    }
  }
}
