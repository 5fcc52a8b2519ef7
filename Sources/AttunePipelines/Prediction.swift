// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneModels
internal import AttuneTensors

extension TextClassification {
  /// What a classifier says of a text.
  public struct Prediction: Sendable, Hashable {
    /// The answer in words: the label, the labels with a separator between them, or the number.
    public let label: String
    /// The label or labels; none where the answer is a number.
    public let labels: [String]
    /// Probability of the label; where any number of labels may hold, of the least certain of all decisions; 1 for a number.
    public let score: Float
    /// Probability of each label, in the order of the model's labels; the number itself where that is the answer.
    public let scores: [Float]
    /// The number where that is the answer; for ordered labels the expected one: the mean of their values, or of their places from
    /// 0 where they are not numbers.
    public let number: Double?
    /// The scores before they became probabilities; of a text of several windows their mean.
    public let logits: [Float]
    /// Tokens that were not read because the text is longer than what the model sees.
    public let truncatedCount: Int
    /// Tokens of the text that were read, special ones left out.
    public let tokenCount: Int
    /// Windows that the text was read by.
    public let windowCount: Int
  }
}

/// From scores to answers.
struct Answers {
  let labels: [String]
  let task: ClassificationTask
  let settings: ClassificationSettings
  /// Values of ordered labels.
  private let values: [Double]

  init(_ configuration: ClassifierConfiguration, _ settings: ClassificationSettings) {
    labels = configuration.labels
    task = configuration.task
    self.settings = settings
    let numbers = labels.compactMap { Double($0) }
    values = numbers.count == labels.count ? numbers : labels.indices.map { Double($0) }
  }

  /// Returns the probabilities of a row of logits over a temperature; the number itself in regression.
  func probabilities(_ logits: [Float], temperature: Double) -> [Float] {
    if task == .regression { return logits }
    let scaled = temperature == 1 ? logits : logits.map { Float(Double($0) / temperature) }
    let scores = Tensor(scaled, shape: [1, scaled.count])
    return task == .multiLabel ? scores.activated(by: .sigmoid).values : scores.softmax().values
  }

  func prediction(_ text: ReadText) -> TextClassification.Prediction {
    let scores = probabilities(text.outputs, temperature: settings.temperature)
    // Temperature changes how sure an answer is, never the answer.
    let plain =
      settings.temperature == 1 ? scores : probabilities(text.outputs, temperature: 1)
    var (chosen, score, number): ([Int], Float, Double?) = ([], 1, nil)
    switch task {
    case .singleLabel:
      chosen = [Decision.likeliest(of: plain)]
      score = scores[chosen[0]]
    case .ordinal:
      chosen = [Decision.median(of: plain)]
      score = scores[chosen[0]]
      number = zip(values, scores).reduce(0) { $0 + $1.0 * Double($1.1) }
    case .multiLabel:
      let holds = Decision.reached(plain, thresholds: settings.thresholds)
      chosen = holds.indices.filter { holds[$0] }
      score = zip(scores, holds).map { $1 ? $0 : 1 - $0 }.min() ?? 1
    case .regression: number = Double(plain.first ?? 0)
    }
    let names = chosen.map { labels[$0] }
    return TextClassification.Prediction(
      label: task == .regression
        ? "\(plain.first ?? 0)" : names.joined(separator: settings.labelSeparator),
      labels: names, score: score, scores: scores, number: number, logits: text.outputs,
      truncatedCount: text.truncatedCount, tokenCount: text.tokenCount,
      windowCount: text.windowCount)
  }
}
