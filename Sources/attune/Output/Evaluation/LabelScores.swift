// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTraining

extension TaskScores {
  /// The scores of one label for each row.
  ///
  /// - Parameter isOrdinal: Whether the labels stand in an order.
  init(
    labels: [String], truths: [Int], predictions: [Int], isOrdinal: Bool = false, seed: UInt64
  ) {
    let metrics = ClassificationMetrics(
      labels: truths, predictions: predictions, labelCount: labels.count)
    let intervals = ClassificationMetrics.intervals(
      labels: truths, predictions: predictions, labelCount: labels.count, seed: seed)
    count = metrics.confusion.total
    let common = [
      Score(
        name: "accuracy", key: "accuracy", value: metrics.accuracy, interval: intervals.accuracy),
      Score(
        name: "macro-F1", key: "macro_f1", value: metrics.macroF1, interval: intervals.macroF1),
    ]
    scores = isOrdinal ? common + Self.ordinal(metrics, truths, predictions, seed) : common
    let confusion = labels.indices.map { truth in
      JSONValue.array(
        labels.indices.map { .integer(metrics.confusion[truth, predicted: $0]) })
    }
    details = [
      ("labels", .array(labels.map { .string($0) })),
      ("per_class", PerLabelScores.json(labels, metrics.perLabel)),
      ("confusion", .array(confusion)),
    ]
    tables = [
      PerLabelScores.table(labels, metrics.perLabel),
      ConfusionTable(labels: labels, confusion: metrics.confusion).text,
    ]
  }

  private static func ordinal(
    _ metrics: ClassificationMetrics, _ truths: [Int], _ predictions: [Int], _ seed: UInt64
  ) -> [Score] {
    let ordinal = OrdinalMetrics(metrics.confusion)
    let distances = zip(truths, predictions).map { Double(abs($0 - $1)) }
    return [
      Score(
        name: "mean absolute error", key: "mean_absolute_error", value: ordinal.meanAbsoluteError,
        interval: BootstrapInterval(ofMean: distances, seed: seed), isShare: false),
      Score(
        name: "at most one step away", key: "share_within_one", value: ordinal.shareWithinOne,
        interval: BootstrapInterval(ofMean: distances.map { $0 <= 1 ? 1 : 0 }, seed: seed)),
      Score(
        name: "quadratic kappa", key: "quadratic_kappa", value: ordinal.quadraticKappa,
        interval: nil, isShare: false),
    ]
  }
}

/// Precision and recall of each label.
enum PerLabelScores {
  static func table(
    _ labels: [String], _ perLabel: [ClassificationMetrics.LabelScores]
  ) -> String {
    var table = TextTable(.left, .right)
    table.append(["label", "precision", "recall", "F1", "texts"])
    for (label, scores) in zip(labels, perLabel) {
      table.append([
        label.onOneLine, scores.precision.percent, scores.recall.percent, scores.f1.percent,
        scores.support.grouped,
      ])
    }
    return table.text
  }

  static func json(
    _ labels: [String], _ perLabel: [ClassificationMetrics.LabelScores]
  ) -> JSONValue {
    .object(
      JSONObject(
        zip(labels, perLabel).map { label, scores in
          (
            label,
            [
              "precision": .number(scores.precision), "recall": .number(scores.recall),
              "f1": .number(scores.f1), "support": .integer(scores.support),
            ]
          )
        }))
  }
}

/// How often each label was predicted for each.
private struct ConfusionTable {
  let labels: [String]
  let confusion: ConfusionMatrix

  /// Beyond so many labels a matrix is wider than any terminal; the pairs mixed up most say more.
  private static let widestMatrix = 12

  var text: String {
    guard labels.count <= Self.widestMatrix else { return mistakes }
    var table = TextTable(.left, .right)
    table.append(["label \\ prediction"] + labels.map(\.onOneLine))
    for truth in labels.indices {
      let counts = labels.indices.map { confusion[truth, predicted: $0].grouped }
      table.append([labels[truth].onOneLine] + counts)
    }
    return table.text
  }

  private var mistakes: String {
    var pairs: [(count: Int, truth: Int, prediction: Int)] = []
    for truth in labels.indices {
      for prediction in labels.indices where prediction != truth {
        let count = confusion[truth, predicted: prediction]
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
