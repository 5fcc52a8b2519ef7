// SPDX-License-Identifier: Apache-2.0

/// How well predictions agree with labels; every number is finite.
public struct ClassificationMetrics: Sendable, Equatable {
  /// The scores of one label.
  public struct LabelScores: Sendable, Equatable {
    /// Share of the predictions of the label that are right; 0 when it is never predicted.
    public let precision: Double
    /// Share of the label's examples that are found; 0 when it has none.
    public let recall: Double
    /// Harmonic mean of the two; 0 when both are.
    public let f1: Double
    /// Examples of the label.
    public let support: Int
    /// How often it is predicted.
    public let predictedCount: Int

    init(of label: Int, in confusion: ConfusionMatrix) {
      self.init(
        right: confusion[label, predicted: label], support: confusion.support(of: label),
        predicted: confusion.predictedCount(of: label))
    }

    init(right: Int, support: Int, predicted: Int) {
      let right = Double(right)
      self.support = support
      predictedCount = predicted
      precision = predicted > 0 ? right / Double(predicted) : 0
      recall = support > 0 ? right / Double(support) : 0
      f1 = support + predicted > 0 ? 2 * right / Double(support + predicted) : 0
    }

    /// Whether the label is neither true nor predicted anywhere, so that its scores say nothing.
    public var isAbsent: Bool { support == 0 && predictedCount == 0 }
  }

  /// How often each label was predicted for each.
  public let confusion: ConfusionMatrix
  /// One for each label.
  public let perLabel: [LabelScores]

  /// The metrics of a confusion matrix.
  public init(_ confusion: ConfusionMatrix) {
    self.confusion = confusion
    perLabel = (0..<confusion.labelCount).map { LabelScores(of: $0, in: confusion) }
  }

  /// The metrics of predictions.
  public init(labels: [Int], predictions: [Int], labelCount: Int) {
    self.init(ConfusionMatrix(labels: labels, predictions: predictions, labelCount: labelCount))
  }

  /// Share of right predictions; 0 without examples.
  public var accuracy: Double {
    confusion.total > 0 ? Double(confusion.correct) / Double(confusion.total) : 0
  }

  /// Mean F1 over the labels that are true or predicted somewhere; 0 when there are none.
  public var macroF1: Double {
    let present = perLabel.filter { !$0.isAbsent }
    return present.isEmpty ? 0 : present.reduce(0) { $0 + $1.f1 } / Double(present.count)
  }

  /// Labels that `macroF1` leaves out.
  public var absentLabels: [Int] { perLabel.indices.filter { perLabel[$0].isAbsent } }

  /// The label of every prediction, when there is only one although the examples have several.
  public var collapsedLabel: Int? {
    let predicted = perLabel.indices.filter { perLabel[$0].predictedCount > 0 }
    let isVaried = perLabel.filter { $0.support > 0 }.count > 1
    return predicted.count == 1 && isVaried ? predicted[0] : nil
  }
}
