// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTraining

/// A linear model of words and word pairs on the same texts: whether a transformer earns its cost shows beside it.
struct ClassifierYardstick {
  let data: ClassificationData
  let settings: ClassifierSettings

  /// What such models are called.
  var name: String {
    data.task == .regression ? "ridge regression" : "logistic regression"
  }

  /// Fits the model to the training texts; returns how it does on the validation texts.
  func measure() throws -> TaskEvaluation {
    let texts = Self.texts(data.training)
    let model = model(of: texts, try data.targets(of: data.training))
    let rows = model.scores(of: Self.texts(data.validation))
    let truths = try data.targets(of: data.validation)
    // Two labels have one score: that of the second.
    let hasOneScore = data.task != .regression && data.labels.count == 2 && rows.first?.count == 1
    let logits = rows.map { row in (hasOneScore ? [0, row[0]] : row).map { Float($0) } }
    return TaskEvaluation(
      data.task,
      logits: Tensor(Array(logits.joined()), shape: [rows.count, data.labels.count]),
      truths: truths)
  }

  private static func texts(_ set: LabelledTextSet) -> [String] {
    set.examples.map { TextParts($0.parts).joined }
  }

  private func model(of texts: [String], _ targets: [ClassificationTarget]) -> HashedNGramModel {
    var yardstick = HashedNGramModel.Settings()
    if settings.classWeight == .balanced { yardstick.classWeights = .balanced }
    let examples = targets.map { ClassificationExample(ids: [], target: $0) }
    switch data.task {
    case .singleLabel, .ordinal:
      return HashedNGramModel(
        texts: texts, labels: examples.map(\.label), labelCount: data.labels.count,
        settings: yardstick)
    case .multiLabel:
      return HashedNGramModel(
        texts: texts, labelSets: examples.map(\.labels), labelCount: data.labels.count,
        settings: yardstick)
    case .regression:
      // What scikit-learn's Ridge has, with numbers of deviation 1.
      yardstick.strength = 1
      return HashedNGramModel(
        texts: texts, numbers: examples.map(\.number), settings: yardstick)
    }
  }
}

extension TaskEvaluation {
  /// The evaluation of a row of logits, or of one output, for each truth.  [examples, labels]
  ///
  /// - Parameter thresholds: From which probability each label of a set holds; nil: from 0.5.
  init(
    _ task: ClassificationTask, logits: Tensor, truths: [ClassificationTarget],
    thresholds: [Float]? = nil
  ) {
    let examples = truths.map { ClassificationExample(ids: [], target: $0) }
    switch task {
    case .singleLabel, .ordinal:
      self = .labels(
        ClassifierEvaluation(
          logits: logits, labels: examples.map(\.label), isOrdinal: task == .ordinal))
    case .multiLabel:
      self = .labelSets(
        MultiLabelEvaluation(
          logits: logits, truths: examples.map(\.labels), thresholds: thresholds))
    case .regression:
      self = .numbers(RegressionEvaluation(outputs: logits, truths: examples.map(\.number)))
    }
  }
}
