// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// What a classifier says of labelled texts.
public struct ClassifierEvaluation: Sendable {
  /// The likeliest label of each example.
  public let predictions: [Int]
  /// Probability of each label for each example.
  public let probabilities: [[Float]]
  /// Mean over the examples of -log(probability of the label); 0 without examples.
  public let meanCrossEntropy: Double
  /// How well the predictions agree with the labels.
  public let metrics: ClassificationMetrics

  /// The evaluation of one row of logits for each label.  [examples, labels]
  public init(logits: Tensor, labels: [Int]) {
    let labelCount = logits.columnCount
    let targets = CrossEntropyTargets(labels.map { Int32($0) })
    let loss = labels.isEmpty ? 0 : Double(logits.detached().crossEntropy(targets).scalar)
    let flat = logits.softmax().values
    probabilities = labels.indices.map { Array(flat[$0 * labelCount..<($0 + 1) * labelCount]) }
    predictions = probabilities.map { row in
      row.indices.max { (row[$0], -$0) < (row[$1], -$1) } ?? 0
    }
    meanCrossEntropy = loss / Double(max(labels.count, 1))
    metrics = ClassificationMetrics(
      labels: labels, predictions: predictions, labelCount: labelCount)
  }

  /// The evaluation of a classifier on texts, of each the mean over its windows.
  public init<Encoder: SequenceEncoder<TokenBatch>>(
    of model: SequenceClassifier<Encoder>, on examples: [ClassificationExample],
    tokenBudget: Int = 8_192
  ) {
    self.init(
      logits: model.logits(pooledOver: examples, tokenBudget: tokenBudget),
      labels: examples.map(\.label))
  }

  /// The evaluation that a trainer compares, scored by accuracy or macro-F1.
  ///
  /// - Parameter labelNames: For the warnings.
  public func summary(
    scoredBy score: KeyPath<ClassificationMetrics, Double> = \.accuracy, labelNames: [String]
  ) -> Evaluation {
    var warnings: [String] = []
    if let label = metrics.collapsedLabel {
      warnings.append(
        "every text is given the label '\(labelNames[label])'; lower the learning rate, "
          + "or look whether the labels are right")
    }
    return Evaluation(
      score: metrics[keyPath: score],
      details: [
        .init("accuracy", metrics.accuracy), .init("macro_f1", metrics.macroF1),
        .init("cross_entropy", meanCrossEntropy),
      ], warnings: warnings)
  }
}
