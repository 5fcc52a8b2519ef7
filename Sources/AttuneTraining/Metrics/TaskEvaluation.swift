// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
public import AttuneTensors

/// What a classifier says of texts with any number of labels each.
public struct MultiLabelEvaluation: Sendable {
  /// Probability of each label for each example.
  public let probabilities: [[Float]]
  /// From which probability each label holds.
  public let thresholds: [Float]
  /// Whether each label is given to each example.
  public let predictions: [[Bool]]
  /// Mean over examples and labels of -log(probability of what is true); 0 without examples.
  public let meanCrossEntropy: Double
  /// How well the predictions agree with the truth.
  public let metrics: MultiLabelMetrics

  /// The evaluation of logits.  [examples, labels]
  ///
  /// - Parameter thresholds: From which probability each label holds; nil: from 0.5.
  public init(logits: Tensor, truths: [[Bool]], thresholds: [Float]? = nil) {
    let labelCount = logits.columnCount
    let targets = Tensor(truths.flatMap { $0.map { $0 ? 1 : 0 } }, shape: logits.shape)
    meanCrossEntropy =
      Double(logits.detached().binaryCrossEntropy(targets).scalar) / Double(max(logits.count, 1))
    let thresholds =
      thresholds ?? [Float](repeating: MultiLabelThresholds.usual, count: labelCount)
    probabilities = logits.detached().activated(by: .sigmoid).rowValues
    self.thresholds = thresholds
    predictions = probabilities.map { Decision.reached($0, thresholds: thresholds) }
    metrics = MultiLabelMetrics(truths: truths, predictions: predictions, labelCount: labelCount)
  }
}

/// What a model says of texts with a number each.
public struct RegressionEvaluation: Sendable {
  /// The number given to each example.
  public let predictions: [Double]
  /// How near the numbers come.
  public let metrics: RegressionMetrics

  /// The evaluation of outputs.  [examples, 1]
  public init(outputs: Tensor, truths: [Double]) {
    predictions = outputs.doubles
    metrics = RegressionMetrics(truths: truths, predictions: predictions)
  }
}

/// What a classifier says of labelled texts, whatever its task.
public enum TaskEvaluation: Sendable {
  /// One label of several, ordered or not.
  case labels(ClassifierEvaluation)
  /// Any number of labels.
  case labelSets(MultiLabelEvaluation)
  /// A number.
  case numbers(RegressionEvaluation)

  /// The evaluation that a trainer compares.
  ///
  /// - Parameters:
  ///   - score: What decides; it must be one that the task has.
  ///   - labelNames: For the warnings.
  public func summary(scoredBy score: EvaluationScore, labelNames: [String]) -> Evaluation {
    guard let value = value(of: score) else {
      preconditionFailure("the task has no \(score.rawValue)")
    }
    switch self {
    case .labels(let evaluation):
      return Evaluation(
        score: value, details: evaluation.details,
        warnings: evaluation.warnings(labelNames: labelNames))
    case .labelSets(let evaluation):
      let metrics = evaluation.metrics
      let isSilent = metrics.perLabel.allSatisfy { $0.predictedCount == 0 }
      return Evaluation(
        score: value,
        details: [
          .init("micro_f1", metrics.microF1), .init("macro_f1", metrics.macroF1),
          .init("exact_match", metrics.exactMatch),
          .init("cross_entropy", evaluation.meanCrossEntropy),
        ], warnings: isSilent && metrics.count > 0 ? ["no text is given any label yet"] : [])
    case .numbers(let evaluation):
      let metrics = evaluation.metrics
      return Evaluation(
        score: value,
        details: [
          .init("mean_absolute_error", metrics.meanAbsoluteError),
          .init("root_mean_squared_error", metrics.rootMeanSquaredError),
          .init("share_within_one", metrics.shareWithinOne), .init("pearson", metrics.pearson),
          .init("spearman", metrics.spearman),
        ])
    }
  }

  /// A score, turned so that more is better; nil when the task has none of this name.
  public func value(of score: EvaluationScore) -> Double? {
    switch (self, score) {
    case (.labels(let evaluation), .accuracy): evaluation.metrics.accuracy
    case (.labels(let evaluation), .macroF1): evaluation.metrics.macroF1
    case (.labels(let evaluation), .meanAbsoluteError):
      evaluation.ordinal.map { -$0.meanAbsoluteError }
    case (.labels(let evaluation), .quadraticKappa): evaluation.ordinal?.quadraticKappa
    case (.labelSets(let evaluation), .macroF1): evaluation.metrics.macroF1
    case (.labelSets(let evaluation), .microF1): evaluation.metrics.microF1
    case (.labelSets(let evaluation), .exactMatch): evaluation.metrics.exactMatch
    case (.numbers(let evaluation), .meanAbsoluteError): -evaluation.metrics.meanAbsoluteError
    case (.numbers(let evaluation), .rootMeanSquaredError):
      -evaluation.metrics.rootMeanSquaredError
    case (.numbers(let evaluation), .pearson): evaluation.metrics.pearson
    case (.numbers(let evaluation), .spearman): evaluation.metrics.spearman
    default: nil
    }
  }
}

/// What decides which of several models is the best; of errors the least.
public enum EvaluationScore: String, Sendable, Hashable, Codable, CaseIterable {
  case accuracy
  case macroF1 = "macro-f1"
  case microF1 = "micro-f1"
  case exactMatch = "exact-match"
  case meanAbsoluteError = "mae"
  case rootMeanSquaredError = "rmse"
  case pearson
  case spearman
  case quadraticKappa = "kappa"
}
