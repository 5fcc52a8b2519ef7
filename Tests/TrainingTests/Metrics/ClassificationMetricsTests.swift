// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTensors
import AttuneTraining
import TestSupport
import Testing

@Suite("Classification metrics")
struct ClassificationMetricsTests {
  static func cases() throws -> [JSONField] {
    try InputFile.json(of: Golden.path("Training/metrics.json")).fields(at: "cases")
  }

  @Test("Every number is scikit-learn's", arguments: 0..<3)
  func equalsReference(index: Int) throws {
    let golden = try Self.cases()[index]
    let labels = try golden.integers(at: "labels")
    let logits = try golden.fields(at: "logits").map { try $0.doubles().map { Float($0) } }
    let evaluation = ClassifierEvaluation(
      logits: Tensor(Array(logits.joined()), shape: [logits.count, logits[0].count]), labels: labels
    )
    let metrics = evaluation.metrics
    #expect(evaluation.predictions == (try golden.integers(at: "predictions")))
    #expect(metrics.confusion.counts == (try golden.integers(at: "confusion")))
    #expect(metrics.perLabel.map(\.support) == (try golden.integers(at: "support")))
    #expect(metrics.absentLabels == (try golden.integers(at: "absent")))
    func expectEqual(_ found: [Double], _ expected: [Double], within bound: Double = 1e-12) {
      #expect(found.count == expected.count)
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= bound }, "\(found) \(expected)")
    }
    expectEqual(metrics.perLabel.map(\.precision), try golden.doubles(at: "precision"))
    expectEqual(metrics.perLabel.map(\.recall), try golden.doubles(at: "recall"))
    expectEqual(metrics.perLabel.map(\.f1), try golden.doubles(at: "f1"))
    expectEqual([metrics.accuracy], [try golden.double(at: "accuracy")])
    expectEqual([metrics.macroF1], [try golden.double(at: "macro_f1")])
    expectEqual(
      [evaluation.meanCrossEntropy], [try golden.double(at: "cross_entropy")], within: 1e-5)
  }

  @Test("The interval of the accuracy is that of the binomial law", arguments: 0..<3)
  func boundsAccuracy(index: Int) throws {
    let golden = try Self.cases()[index]
    let labels = try golden.integers(at: "labels")
    let predictions = try golden.integers(at: "predictions")
    let (accuracy, macroF1) = ClassificationMetrics.intervals(
      labels: labels, predictions: predictions, labelCount: 5, resamples: 2_000, seed: 3)
    let expected = try golden.doubles(at: "binomial")
    // One example more or less is the noise of 2,000 resamples.
    let bound = 1.01 / Double(labels.count)
    #expect(abs(accuracy.lower - expected[0]) <= bound)
    #expect(abs(accuracy.upper - expected[1]) <= bound)
    let score = ClassificationMetrics(labels: labels, predictions: predictions, labelCount: 5)
      .macroF1
    #expect(macroF1.lower < score && score < macroF1.upper)
  }

  @Test("A model that gives one label to every text is warned of")
  func warnsOfCollapse() {
    let logits = Tensor([2, 1, 3, 0], shape: [2, 2])
    let collapsed = ClassifierEvaluation(logits: logits, labels: [0, 1])
    #expect(collapsed.metrics.collapsedLabel == 0)
    #expect(
      collapsed.summary(labelNames: ["good", "bad"]).warnings == [
        "every text is given the label 'good'; lower the learning rate, or look whether the labels "
          + "are right"
      ])
    #expect(ClassifierEvaluation(logits: logits, labels: [0, 0]).metrics.collapsedLabel == nil)
  }

  @Test("Without examples every number is 0")
  func acceptsNothing() {
    let metrics = ClassificationMetrics(labels: [], predictions: [], labelCount: 2)
    #expect(metrics.accuracy == 0 && metrics.macroF1 == 0 && metrics.absentLabels == [0, 1])
  }

  @Test("A model is evaluated in the order of its examples, whatever the batches")
  func keepsOrder() {
    let (model, examples) = (TinyTask.model(), TinyTask.examples(40))
    let whole = ClassifierEvaluation(of: model, on: examples)
    let small = ClassifierEvaluation(of: model, on: examples, tokenBudget: 16)
    #expect(whole.predictions == small.predictions)
    #expect(whole.metrics.accuracy == TinyTask.accuracy(model, on: examples))
  }
}
