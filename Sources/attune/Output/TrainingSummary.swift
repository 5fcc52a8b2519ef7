// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import AttunePipelines
import AttuneRecipes
import AttuneTraining

/// What a training came to, as people and programs read it.
struct TrainingSummary {
  private let report: ClassifierReport
  private let scores: TaskScores

  init(_ report: ClassifierReport) {
    self.report = report
    scores = TaskScores(
      labels: report.labels, truths: report.truth, predictions: report.evaluation.predictions,
      seed: 0)
  }

  /// The document that `--json` prints: that of `evaluate`, and what is known of the training.
  var json: JSONValue {
    var document = JSONObject(scores.members)
    document["yardstick"] = [
      "accuracy": .number(report.yardstick.accuracy),
      "macro_f1": .number(report.yardstick.macroF1),
    ]
    document["model"] = .string(TrainingRun(report.run).best)
    document["opens_in"] = .string(report.reader)
    document["steps"] = .integer(report.state.step)
    document["best_step"] = report.state.bestStep.map { .integer($0) } ?? .null
    document["stopped_early"] = .bool(report.outcome == .stoppedEarly)
    return .object(document)
  }

  /// The tables for people.
  var text: String {
    "The best model on the validation texts:\n\n\(scores.text)\n\(comparison)\n\(places.text)"
  }

  private var comparison: String {
    let yardstick = report.yardstick
    let difference = report.evaluation.metrics.accuracy - yardstick.accuracy
    let verdict =
      difference > 0
      ? "The transformer is better by \((100 * difference).decimal(1)) points of accuracy."
      : difference == 0
        ? "The transformer is no better."
        : "The yardstick is better by \((-100 * difference).decimal(1)) points of accuracy."
    return
      "Yardstick (words and word pairs alone): accuracy \(yardstick.accuracy.percent), "
      + "macro-F1 \(yardstick.macroF1.percent). \(verdict)\n"
  }

  private var places: TextTable {
    var table = TextTable(.left)
    table.append(["model", TrainingRun(report.run).best])
    table.append(["opens in", report.reader])
    table.append(["use it", "attune classify TEXT --model \(report.run)"])
    return table
  }
}
