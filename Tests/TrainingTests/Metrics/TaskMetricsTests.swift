// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneLayers
import AttuneTensors
import AttuneTraining
import TestSupport
import Testing

@Suite("Metrics of other tasks than one label")
struct TaskMetricsTests {
  static func cases(_ task: String) throws -> [JSONField] {
    try InputFile.json(of: Golden.path("Training/task_metrics.json")).fields(at: task)
  }

  static func logits(_ golden: JSONField) throws -> Tensor {
    let rows = try golden.fields(at: "logits").map { try $0.doubles().map { Float($0) } }
    return Tensor(Array(rows.joined()), shape: [rows.count, rows[0].count])
  }

  func expectEqual(_ found: [Double], _ expected: [Double], within bound: Double = 1e-12) {
    #expect(found.count == expected.count)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= bound }, "\(found) \(expected)")
  }

  @Test("Scores of sets of labels are scikit-learn's", arguments: 0..<2)
  func multiLabel(index: Int) throws {
    let golden = try Self.cases("multi_label")[index]
    let truths = try golden.fields(at: "truths").map { try $0.integers().map { $0 == 1 } }
    let evaluation = MultiLabelEvaluation(logits: try Self.logits(golden), truths: truths)
    let metrics = evaluation.metrics
    expectEqual(metrics.perLabel.map(\.precision), try golden.doubles(at: "precision"))
    expectEqual(metrics.perLabel.map(\.recall), try golden.doubles(at: "recall"))
    expectEqual(metrics.perLabel.map(\.f1), try golden.doubles(at: "f1"))
    #expect(metrics.perLabel.map(\.support) == (try golden.integers(at: "support")))
    for (found, name) in [
      (metrics.microF1, "micro_f1"), (metrics.microPrecision, "micro_precision"),
      (metrics.microRecall, "micro_recall"), (metrics.macroF1, "macro_f1"),
      (metrics.exactMatch, "exact_match"), (metrics.decisionAccuracy, "decision_accuracy"),
    ] {
      expectEqual([found], [try golden.double(at: name)])
    }
    expectEqual(
      [evaluation.meanCrossEntropy], [try golden.double(at: "cross_entropy")], within: 1e-6)
  }

  @Test("Tuned thresholds reach the best F1 that any threshold reaches", arguments: 0..<2)
  func tunesThresholds(index: Int) throws {
    let golden = try Self.cases("multi_label")[index]
    let truths = try golden.fields(at: "truths").map { try $0.integers().map { $0 == 1 } }
    let logits = try Self.logits(golden)
    let thresholds = MultiLabelThresholds.tuned(
      probabilities: MultiLabelEvaluation(logits: logits, truths: truths).probabilities,
      truths: truths, labelCount: logits.columnCount)
    let tuned = MultiLabelEvaluation(logits: logits, truths: truths, thresholds: thresholds)
    expectEqual(tuned.metrics.perLabel.map(\.f1), try golden.doubles(at: "best_f1"))
  }

  @Test("A label without examples keeps the usual threshold; no examples give no scores")
  func acceptsNothing() {
    let thresholds = MultiLabelThresholds.tuned(
      probabilities: [[0.9], [0.2]], truths: [[false], [false]], labelCount: 1)
    #expect(thresholds == [0.5])
    let metrics = MultiLabelMetrics(truths: [], predictions: [], labelCount: 2)
    #expect(metrics.exactMatch == 0 && metrics.macroF1 == 0 && metrics.microF1 == 0)
    #expect(RegressionMetrics(truths: [], predictions: []).pearson == 0)
    #expect(RegressionMetrics(truths: [1, 2], predictions: [3, 3]).spearman == 0)
    let matrix = ConfusionMatrix(labels: [1], predictions: [1], labelCount: 3)
    #expect(OrdinalMetrics(matrix).quadraticKappa == 0)
  }

  @Test("Ordered labels: the label of least expected distance, and its scores", arguments: 0..<2)
  func ordinal(index: Int) throws {
    let golden = try Self.cases("ordinal")[index]
    let evaluation = ClassifierEvaluation(
      logits: try Self.logits(golden), labels: try golden.integers(at: "truths"), isOrdinal: true)
    #expect(evaluation.predictions == (try golden.integers(at: "predictions")))
    let metrics = try #require(evaluation.ordinal)
    expectEqual(
      [metrics.meanAbsoluteError, metrics.shareWithinOne, metrics.quadraticKappa],
      [
        try golden.double(at: "mae"), try golden.double(at: "within_one"),
        try golden.double(at: "kappa"),
      ])
  }

  @Test("Scores of numbers are those of scikit-learn and scipy", arguments: 0..<2)
  func regression(index: Int) throws {
    let golden = try Self.cases("regression")[index]
    let metrics = RegressionMetrics(
      truths: try golden.doubles(at: "truths"), predictions: try golden.doubles(at: "predictions"))
    for (found, name) in [
      (metrics.meanAbsoluteError, "mae"), (metrics.rootMeanSquaredError, "rmse"),
      (metrics.pearson, "pearson"), (metrics.spearman, "spearman"),
      (metrics.shareWithinOne, "within_one"),
    ] {
      expectEqual([found], [try golden.double(at: name)])
    }
  }

  @Test("Every task has its scores and no other; of errors the least is the best")
  func scores() {
    let logits = Tensor([2, 1, 0, 0, 3, 0], shape: [2, 3])
    let ordered = TaskEvaluation.labels(.init(logits: logits, labels: [1, 1], isOrdinal: true))
    let plain = TaskEvaluation.labels(.init(logits: logits, labels: [1, 1]))
    let sets = TaskEvaluation.labelSets(
      .init(logits: logits, truths: [[true, false, false], [false, true, true]]))
    let numbers = TaskEvaluation.numbers(
      .init(outputs: Tensor([1, 4], shape: [2, 1]), truths: [2, 1]))
    #expect(ordered.value(of: .meanAbsoluteError) == -0.5)
    #expect(plain.value(of: .meanAbsoluteError) == nil && plain.value(of: .accuracy) == 0.5)
    #expect(sets.value(of: .accuracy) == nil && sets.value(of: .exactMatch) == 0)
    #expect(
      numbers.value(of: .meanAbsoluteError) == -2 && numbers.value(of: .quadraticKappa) == nil)
    #expect(numbers.summary(scoredBy: .meanAbsoluteError, labelNames: []).score == -2)
  }
}
