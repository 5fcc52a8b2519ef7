// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// What a classifier says of texts with one label each.
public struct ClassifierEvaluation: Sendable {
  /// The label given to each example: the likeliest one, or the median one when labels stand in an order.
  public let predictions: [Int]
  /// Probability of each label for each example.
  public let probabilities: [[Float]]
  /// Mean over the examples of -log(probability of the label); 0 without examples.
  public let meanCrossEntropy: Double
  /// How well the predictions agree with the labels.
  public let metrics: ClassificationMetrics
  /// How near they come, when labels stand in an order; nil otherwise.
  public let ordinal: OrdinalMetrics?

  /// The evaluation of one row of logits for each label.  [examples, labels]
  ///
  /// - Parameter isOrdinal: Whether the labels stand in an order.
  public init(logits: Tensor, labels: [Int], isOrdinal: Bool = false) {
    let targets = CrossEntropyTargets(labels.map { Int32($0) })
    let loss = labels.isEmpty ? 0 : Double(logits.detached().crossEntropy(targets).scalar)
    probabilities = logits.softmax().rowValues
    predictions = probabilities.map {
      isOrdinal ? Decision.median(of: $0) : Decision.likeliest(of: $0)
    }
    meanCrossEntropy = loss / Double(max(labels.count, 1))
    metrics = ClassificationMetrics(
      labels: labels, predictions: predictions, labelCount: logits.columnCount)
    ordinal = isOrdinal ? OrdinalMetrics(metrics.confusion) : nil
  }

  /// The evaluation of a classifier on texts, of each the mean over its windows.
  public init<Encoder: SequenceEncoder<TokenBatch>>(
    of model: SequenceClassifier<Encoder>, on examples: [ClassificationExample],
    isOrdinal: Bool = false, tokenBudget: Int = 8_192
  ) {
    self.init(
      logits: model.logits(pooledOver: examples, tokenBudget: tokenBudget),
      labels: examples.map(\.label),
      isOrdinal: isOrdinal)
  }

  /// The evaluation that a trainer compares, scored by accuracy or macro-F1.
  ///
  /// - Parameter labelNames: For the warnings.
  public func summary(
    scoredBy score: KeyPath<ClassificationMetrics, Double> = \.accuracy, labelNames: [String]
  ) -> Evaluation {
    Evaluation(
      score: metrics[keyPath: score], details: details, warnings: warnings(labelNames: labelNames))
  }

  /// The numbers that tell how good a model is, in the order to be shown.
  var details: [Evaluation.Detail] {
    let common: [Evaluation.Detail] = [
      .init("accuracy", metrics.accuracy), .init("macro_f1", metrics.macroF1),
      .init("cross_entropy", meanCrossEntropy),
    ]
    guard let ordinal else { return common }
    return [
      .init("mean_absolute_error", ordinal.meanAbsoluteError),
      .init("share_within_one", ordinal.shareWithinOne),
      .init("quadratic_kappa", ordinal.quadraticKappa),
    ] + common
  }

  /// What the user should know.
  func warnings(labelNames: [String]) -> [String] {
    guard let label = metrics.collapsedLabel else { return [] }
    return [
      "every text is given the label '\(labelNames[label])'; lower the learning rate, "
        + "or look whether the labels are right"
    ]
  }
}

extension Tensor {
  /// The rows of a matrix.
  var rowValues: [[Float]] {
    let (flat, width) = (values, columnCount)
    return (0..<rowCount).map { Array(flat[$0 * width..<($0 + 1) * width]) }
  }
}
