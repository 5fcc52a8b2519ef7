// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTraining

/// Predictions measured against labels, as people and programs read it.
struct Scores {
  let labels: [String]
  let metrics: ClassificationMetrics
  let accuracy: BootstrapInterval
  let macroF1: BootstrapInterval

  init(labels: [String], truths: [Int], predictions: [Int], seed: UInt64) {
    self.labels = labels
    metrics = ClassificationMetrics(
      labels: truths, predictions: predictions, labelCount: labels.count)
    (accuracy, macroF1) = ClassificationMetrics.intervals(
      labels: truths, predictions: predictions, labelCount: labels.count, seed: seed)
  }

  /// The document that `--json` prints.
  var json: JSONValue {
    func range(_ interval: BootstrapInterval) -> JSONValue {
      .array([.number(interval.lower), .number(interval.upper)])
    }
    let perClass = zip(labels, metrics.perLabel).map { label, scores in
      (
        label,
        [
          "precision": .number(scores.precision), "recall": .number(scores.recall),
          "f1": .number(scores.f1), "support": .integer(scores.support),
        ] as JSONValue
      )
    }
    let confusion = labels.indices.map { truth in
      JSONValue.array(
        labels.indices.map { .integer(metrics.confusion[truth, predicted: $0]) })
    }
    return [
      "count": .integer(metrics.confusion.total), "accuracy": .number(metrics.accuracy),
      "interval": range(accuracy), "macro_f1": .number(metrics.macroF1),
      "macro_f1_interval": range(macroF1), "labels": .array(labels.map { .string($0) }),
      "per_class": .object(JSONObject(perClass)), "confusion": .array(confusion),
    ]
  }

  /// The tables for people.
  var text: String {
    var overall = TextTable(.left, .right, .left)
    func append(_ name: String, _ score: Double, _ interval: BootstrapInterval) {
      overall.append([
        name, score.percent,
        "(95 % of resamples: \((100 * interval.lower).decimal(1)) to \(interval.upper.percent))",
      ])
    }
    append("accuracy", metrics.accuracy, accuracy)
    append("macro-F1", metrics.macroF1, macroF1)
    overall.append(["texts", metrics.confusion.total.grouped])
    return "\(overall.text)\n\(perLabel)\n\(confusion)"
  }

  private var perLabel: String {
    var table = TextTable(.left, .right)
    table.append(["label", "precision", "recall", "F1", "texts"])
    for (label, scores) in zip(labels, metrics.perLabel) {
      table.append([
        label.onOneLine, scores.precision.percent, scores.recall.percent, scores.f1.percent,
        scores.support.grouped,
      ])
    }
    return table.text
  }

  /// Beyond so many labels a matrix is wider than any terminal; the pairs mixed up most say more.
  private static let widestMatrix = 12

  private var confusion: String {
    guard labels.count <= Self.widestMatrix else { return mistakes }
    var table = TextTable(.left, .right)
    table.append(["label \\ prediction"] + labels.map(\.onOneLine))
    for truth in labels.indices {
      let counts = labels.indices.map { metrics.confusion[truth, predicted: $0].grouped }
      table.append([labels[truth].onOneLine] + counts)
    }
    return table.text
  }

  private var mistakes: String {
    var pairs: [(count: Int, truth: Int, prediction: Int)] = []
    for truth in labels.indices {
      for prediction in labels.indices where prediction != truth {
        let count = metrics.confusion[truth, predicted: prediction]
        if count > 0 { pairs.append((count, truth, prediction)) }
      }
    }
    pairs.sort { ($1.count, $0.truth, $0.prediction) < ($0.count, $1.truth, $1.prediction) }
    var table = TextTable(.left, .left, .right)
    table.append(["label", "mistaken for", "texts"])
    for pair in pairs.prefix(20) {
      table.append([
        labels[pair.truth].onOneLine, labels[pair.prediction].onOneLine, pair.count.grouped,
      ])
    }
    return table.text
  }
}
