// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import AttuneTraining

/// Scores with their ranges, and tables beside them: what a task is measured by.
struct TaskScores {
  /// A score with its name.
  struct Score {
    let name: String
    /// The key under which `--json` prints it.
    let key: String
    let value: Double
    let interval: BootstrapInterval?
    /// Whether it is a part of 1, to be shown as a percentage.
    var isShare = true

    var text: String { text(value) }

    func text(_ value: Double) -> String { isShare ? value.percent : value.decimal(3) }
  }

  let scores: [Score]
  let count: Int
  /// Further members of the document.
  let details: [(String, JSONValue)]
  /// Further tables.
  let tables: [String]

  /// The tables for people.
  var text: String {
    var table = TextTable(.left, .right, .left)
    for score in scores {
      let range = score.interval.map { interval in
        let lower = score.isShare ? (100 * interval.lower).decimal(1) : score.text(interval.lower)
        return "(95 % of resamples: \(lower) to \(score.text(interval.upper)))"
      }
      table.append([score.name, score.text, range ?? ""])
    }
    table.append(["texts", count.grouped])
    return ([table.text] + tables).joined(separator: "\n")
  }

  /// The members of the document that `--json` prints.
  var members: [(String, JSONValue)] {
    var members: [(String, JSONValue)] = [("count", .integer(count))]
    for score in scores {
      members.append((score.key, .number(score.value)))
      if let interval = score.interval {
        // The first score's range had its name before there were others.
        let key = score.key == "accuracy" ? "interval" : "\(score.key)_interval"
        members.append((key, .array([.number(interval.lower), .number(interval.upper)])))
      }
    }
    return members + details
  }
}

extension TaskScores {
  /// The scores of what was said of rows.
  init(_ rows: EvaluatedRows, seed: UInt64) {
    switch rows.truths {
    case .labels(let truths):
      self.init(
        labels: rows.labels, truths: truths, predictions: rows.predictedLabels,
        isOrdinal: rows.task == .ordinal, seed: seed)
    case .labelSets(let truths):
      self.init(
        labels: rows.labels, truths: truths, predictions: rows.predictedSets, seed: seed)
    case .numbers(let truths):
      self.init(truths: truths, predictions: rows.predictedNumbers, seed: seed)
    }
  }

  /// The scores of sets of labels.
  init(labels: [String], truths: [[Bool]], predictions: [[Bool]], seed: UInt64) {
    let metrics = MultiLabelMetrics(
      truths: truths, predictions: predictions, labelCount: labels.count)
    let intervals = metrics.intervals(truths: truths, predictions: predictions, seed: seed)
    count = metrics.count
    scores = [
      Score(
        name: "exact match", key: "exact_match", value: metrics.exactMatch,
        interval: intervals.exactMatch),
      Score(
        name: "micro-F1", key: "micro_f1", value: metrics.microF1, interval: intervals.microF1),
      Score(
        name: "macro-F1", key: "macro_f1", value: metrics.macroF1, interval: intervals.macroF1),
    ]
    details = [
      ("labels", .array(labels.map { .string($0) })),
      ("per_class", PerLabelScores.json(labels, metrics.perLabel)),
    ]
    tables = [PerLabelScores.table(labels, metrics.perLabel)]
  }

  /// The scores of numbers.
  init(truths: [Double], predictions: [Double], seed: UInt64) {
    let metrics = RegressionMetrics(truths: truths, predictions: predictions)
    let distances = zip(truths, predictions).map { abs($0 - $1) }
    func interval(_ values: [Double]) -> BootstrapInterval {
      BootstrapInterval(ofMean: values, seed: seed)
    }
    let squares = interval(distances.map { $0 * $0 })
    count = metrics.count
    scores = [
      Score(
        name: "mean absolute error", key: "mean_absolute_error", value: metrics.meanAbsoluteError,
        interval: interval(distances), isShare: false),
      Score(
        name: "root mean squared error", key: "root_mean_squared_error",
        value: metrics.rootMeanSquaredError, interval: squares.squareRoot, isShare: false),
      Score(
        name: "at most 1 away", key: "share_within_one", value: metrics.shareWithinOne,
        interval: interval(distances.map { $0 <= 1 ? 1 : 0 })),
      Score(
        name: "correlation (Pearson)", key: "pearson", value: metrics.pearson, interval: nil,
        isShare: false),
      Score(
        name: "correlation of ranks (Spearman)", key: "spearman", value: metrics.spearman,
        interval: nil, isShare: false),
    ]
    (details, tables) = ([], [])
  }
}
