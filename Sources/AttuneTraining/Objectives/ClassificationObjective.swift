// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneTensors

/// Cross-entropy of the label of each text.
public struct ClassificationObjective<Encoder: SequenceEncoder<TokenBatch>>: Objective {
  /// Share of the target spread evenly over all labels.
  public let labelSmoothing: Float
  /// Weight of an example by its label; nil: 1.
  public let classWeights: [Float]?

  /// Hides words from the model while it learns; nil: none.
  public let tokenDropout: TokenDropout?

  /// An objective of the given settings.
  public init(
    labelSmoothing: Float = 0, classWeights: [Float]? = nil, tokenDropout: TokenDropout? = nil
  ) {
    self.labelSmoothing = labelSmoothing
    self.classWeights = classWeights
    self.tokenDropout = tokenDropout
  }

  /// Tokens of the text.
  public func tokenCount(of example: ClassificationExample) -> Int { example.windows[0].ids.count }

  /// The loss over the examples, weighted by class.
  public func loss(
    of model: SequenceClassifier<Encoder>, on examples: [ClassificationExample], mode: Mode
  ) -> WeightedLoss {
    let weights = classWeights.map { weights in examples.map { weights[$0.label] } }
    let targets = CrossEntropyTargets(
      examples.map { Int32($0.label) }, labelSmoothing: labelSmoothing, weights: weights)
    let windows = TokenBatch(examples, mode)
    let batch = tokenDropout?.applied(to: windows, mode) ?? windows
    return WeightedLoss(
      sum: model.logits(batch, mode: mode).crossEntropy(targets),
      weight: weights.map { $0.reduce(0) { $0 + Double($1) } } ?? Double(examples.count))
  }
}
