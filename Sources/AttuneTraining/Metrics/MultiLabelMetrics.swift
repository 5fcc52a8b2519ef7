// SPDX-License-Identifier: Apache-2.0

/// How well sets of labels agree with the true sets; every number is finite.
public struct MultiLabelMetrics: Sendable, Equatable {
  /// One for each label; `support` counts the examples that have it.
  public let perLabel: [ClassificationMetrics.LabelScores]
  /// Share of the predicted labels that are right, over all labels together; 0 when none is predicted.
  public let microPrecision: Double
  /// Share of the true labels that are predicted, over all labels together; 0 when there are none.
  public let microRecall: Double
  /// Harmonic mean of the two; 0 when both are.
  public let microF1: Double
  /// Share of the examples whose set is predicted exactly; 0 without examples.
  public let exactMatch: Double
  /// Share of all decisions, one a label and example, that are right; 0 without examples.
  public let decisionAccuracy: Double
  /// Examples.
  public let count: Int

  /// The metrics of predicted sets.
  ///
  /// - Parameters:
  ///   - truths: Whether each label holds, for each example.
  ///   - predictions: The same, as predicted.
  public init(truths: [[Bool]], predictions: [[Bool]], labelCount: Int) {
    precondition(
      truths.count == predictions.count,
      "\(predictions.count) predictions for \(truths.count) examples")
    var right = [Int](repeating: 0, count: labelCount)
    var (predicted, support, agreeing, exact) = (right, right, 0, 0)
    for (truth, prediction) in zip(truths, predictions) {
      precondition(
        truth.count == labelCount && prediction.count == labelCount,
        "sets over \(truth.count) and \(prediction.count) labels, not \(labelCount)")
      for label in 0..<labelCount {
        if truth[label] { support[label] += 1 }
        if prediction[label] { predicted[label] += 1 }
        if truth[label] && prediction[label] { right[label] += 1 }
        if truth[label] == prediction[label] { agreeing += 1 }
      }
      if truth == prediction { exact += 1 }
    }
    self.init(
      right: right, support: support, predicted: predicted, exact: exact, agreeing: agreeing,
      count: truths.count)
  }

  /// The metrics of counts, label by label.
  init(
    right: [Int], support: [Int], predicted: [Int], exact: Int, agreeing: Int, count: Int
  ) {
    self.count = count
    perLabel = right.indices.map {
      .init(right: right[$0], support: support[$0], predicted: predicted[$0])
    }
    let all = ClassificationMetrics.LabelScores(
      right: right.reduce(0, +), support: support.reduce(0, +), predicted: predicted.reduce(0, +))
    (microPrecision, microRecall, microF1) = (all.precision, all.recall, all.f1)
    exactMatch = Double(exact) / Double(max(count, 1))
    decisionAccuracy = Double(agreeing) / Double(max(count * right.count, 1))
  }

  /// Mean F1 over the labels that are true or predicted somewhere; 0 when there are none.
  public var macroF1: Double {
    let present = perLabel.filter { !$0.isAbsent }
    return present.isEmpty ? 0 : present.reduce(0) { $0 + $1.f1 } / Double(present.count)
  }
}

/// From which probability on a label holds.
public enum MultiLabelThresholds {
  /// The threshold of a label that nothing is known of.
  public static let usual: Float = 0.5

  /// Returns for each label the threshold with the best F1 on the examples, halfway between two probabilities.
  ///
  /// A label that no example has, or that nothing gains for, keeps `usual`; of equally good thresholds the one nearest to it wins.
  ///
  /// - Parameters:
  ///   - probabilities: Of each label, for each example.
  ///   - truths: Whether each label holds, for each example.
  public static func tuned(
    probabilities: [[Float]], truths: [[Bool]], labelCount: Int
  ) -> [Float] {
    (0..<labelCount).map { label in
      tuned(zip(probabilities, truths).map { ($0[label], $1[label]) })
    }
  }

  private static func tuned(_ examples: [(probability: Float, isTrue: Bool)]) -> Float {
    let support = examples.count(where: \.isTrue)
    guard support > 0 else { return usual }
    let sorted = examples.sorted { $0.probability > $1.probability }
    func f1(right: Int, predicted: Int) -> Double {
      2 * Double(right) / Double(support + predicted)
    }
    let taken = examples.filter { $0.probability >= usual }
    var best = (f1: f1(right: taken.count(where: \.isTrue), predicted: taken.count), at: usual)
    var right = 0
    for (place, example) in sorted.enumerated() {
      if example.isTrue { right += 1 }
      let next = place + 1 < sorted.count ? sorted[place + 1].probability : 0
      // Equal probabilities cannot be told apart by any threshold.
      guard next < example.probability else { continue }
      let threshold = (example.probability + next) / 2
      let score = f1(right: right, predicted: place + 1)
      if score > best.f1 || score == best.f1 && abs(threshold - usual) < abs(best.at - usual) {
        best = (score, threshold)
      }
    }
    return best.at
  }
}
