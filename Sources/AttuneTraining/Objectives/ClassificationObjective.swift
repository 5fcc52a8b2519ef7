// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneTensors

/// A tokenised text and the index of its label.
public struct ClassificationExample: Sendable, Equatable {
  /// The tokens, special ones included.
  public let ids: [Int32]
  /// Segment of each token; nil: all 0.
  public let segments: [UInt8]?
  /// Index of the label.
  public let label: Int

  /// A text of the given tokens.
  public init(ids: [Int32], segments: [UInt8]? = nil, label: Int) {
    self.ids = ids
    self.segments = segments
    self.label = label
  }
}

extension TokenBatch {
  /// The texts of the examples, end to end.
  public init(_ examples: [ClassificationExample]) {
    let hasSegments = examples.contains { $0.segments != nil }
    self.init(
      ids: examples.flatMap(\.ids),
      segments: hasSegments
        ? examples.flatMap { $0.segments ?? [UInt8](repeating: 0, count: $0.ids.count) } : nil,
      layout: SequenceLayout(lengths: examples.map(\.ids.count)))
  }
}

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
  public func tokenCount(of example: ClassificationExample) -> Int { example.ids.count }

  /// The loss over the examples, weighted by class.
  public func loss(
    of model: SequenceClassifier<Encoder>, on examples: [ClassificationExample], mode: Mode
  ) -> WeightedLoss {
    let weights = classWeights.map { weights in examples.map { weights[$0.label] } }
    let targets = CrossEntropyTargets(
      examples.map { Int32($0.label) }, labelSmoothing: labelSmoothing, weights: weights)
    let batch = tokenDropout?.applied(to: TokenBatch(examples), mode) ?? TokenBatch(examples)
    return WeightedLoss(
      sum: model.logits(batch, mode: mode).crossEntropy(targets),
      weight: weights.map { $0.reduce(0) { $0 + Double($1) } } ?? Double(examples.count))
  }
}
