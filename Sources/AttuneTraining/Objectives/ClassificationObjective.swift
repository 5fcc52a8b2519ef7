// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneTensors

/// What a classifier should say of each text.
public struct ClassificationObjective<Encoder: SequenceEncoder<TokenBatch>>: Objective {
  /// How outputs and targets are compared.
  public let comparison: ClassificationLoss
  /// Hides words from the model while it learns; nil: none.
  public let tokenDropout: TokenDropout?

  /// An objective of the given comparison.
  public init(_ comparison: ClassificationLoss, tokenDropout: TokenDropout? = nil) {
    self.comparison = comparison
    self.tokenDropout = tokenDropout
  }

  /// Cross-entropy of the one label of each text.
  public init(
    labelSmoothing: Float = 0, classWeights: [Float]? = nil, tokenDropout: TokenDropout? = nil
  ) {
    self.init(
      .singleLabel(smoothing: labelSmoothing, classWeights: classWeights),
      tokenDropout: tokenDropout)
  }

  /// Tokens of the text.
  public func tokenCount(of example: ClassificationExample) -> Int { example.windows[0].ids.count }

  /// The loss over the examples, weighted by class.
  public func loss(
    of model: SequenceClassifier<Encoder>, on examples: [ClassificationExample], mode: Mode
  ) -> WeightedLoss {
    let windows = TokenBatch(examples, mode)
    let batch = tokenDropout?.applied(to: windows, mode) ?? windows
    return comparison.of(model.logits(batch, mode: mode), examples)
  }
}
