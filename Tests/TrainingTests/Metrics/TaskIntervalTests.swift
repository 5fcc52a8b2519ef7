// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTraining
import Testing

@Suite("Intervals of other tasks than one label")
struct TaskIntervalTests {
  @Test("Sets of one label each have the intervals of labels", arguments: 0..<3)
  func setsOfOne(index: Int) throws {
    let golden = try ClassificationMetricsTests.cases()[index]
    let labels = try golden.integers(at: "labels")
    let predictions = try golden.integers(at: "predictions")
    let count = try golden.integers(at: "support").count
    func sets(_ labels: [Int]) -> [[Bool]] {
      labels.map { label in (0..<count).map { $0 == label } }
    }
    let metrics = MultiLabelMetrics(
      truths: sets(labels), predictions: sets(predictions), labelCount: count)
    let found = metrics.intervals(
      truths: sets(labels), predictions: sets(predictions), resamples: 200, seed: 3)
    let expected = ClassificationMetrics.intervals(
      labels: labels, predictions: predictions, labelCount: count, resamples: 200, seed: 3)
    #expect(found.exactMatch == expected.accuracy)
    func expectEqual(_ left: BootstrapInterval, _ right: BootstrapInterval) {
      #expect(abs(left.lower - right.lower) < 1e-12 && abs(left.upper - right.upper) < 1e-12)
    }
    // Where each example has one true and one predicted label, precision, recall and accuracy are one.
    expectEqual(found.microF1, expected.accuracy)
    expectEqual(found.macroF1, expected.macroF1)
    let marks = zip(labels, predictions).map { $0 == $1 ? 1.0 : 0 }
    expectEqual(BootstrapInterval(ofMean: marks, resamples: 200, seed: 3), expected.accuracy)
  }

  @Test("The interval of a mean is that of the normal law")
  func mean() {
    // 0 to 399 have the variance (400 * 400 - 1) / 12.
    let values = (0..<400).map { Double($0) }
    let interval = BootstrapInterval(ofMean: values, resamples: 4_000, seed: 1)
    let half = 1.96 * ((400.0 * 400 - 1) / 12 / 400).squareRoot()
    #expect(abs((interval.upper - interval.lower) / (2 * half) - 1) < 0.05)
    #expect(abs(interval.lower + half - 199.5) < 0.1 * half)
    #expect(BootstrapInterval(ofMean: []).upper == 0)
  }
}
