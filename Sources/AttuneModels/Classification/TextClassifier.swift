// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// A classifier of token sequences by a transformer.
public typealias TextClassifier = SequenceClassifier<TransformerEncoder>

/// Everything that determines a classifier's shape, and the names of its labels.
public struct ClassifierConfiguration: Sendable, Hashable {
  /// The encoder's sizes.
  public var encoder: EncoderConfiguration
  /// How states become one vector.
  public var pooling: PoolingKind
  /// Whether a map with the family's activation stands before the classifier, as in BERT.
  public var hasPooler: Bool
  /// Dropout before the classifier.
  public var headDropout: Float
  /// Names of the labels, by index.
  public var labels: [String]
  /// What the outputs mean.
  public var task: ClassificationTask

  /// The configuration of a classifier.
  public init(
    encoder: EncoderConfiguration, pooling: PoolingKind, hasPooler: Bool, headDropout: Float,
    labels: [String], task: ClassificationTask = .singleLabel
  ) {
    self.encoder = encoder
    self.pooling = pooling
    self.hasPooler = hasPooler
    self.headDropout = headDropout
    self.labels = labels
    self.task = task
  }
}

extension SequenceClassifier where Encoder == TransformerEncoder {
  /// A classifier drawn from `key`.
  public init(_ configuration: ClassifierConfiguration, key: RandomKey) {
    let dimension = configuration.encoder.layer.modelDimension
    let head = configuration.encoder.family.layout.classifierHead
    let dropout = Dropout(configuration.headDropout)
    self.init(
      encoder: TransformerEncoder(configuration.encoder, key: key.place(0)),
      pooling: Pooling(configuration.pooling, dimension: dimension, key: key.place(1)),
      head: ClassificationHead(
        dimension: dimension, labelCount: configuration.labels.count,
        hasPooler: configuration.hasPooler, activation: head.activation, dropout: dropout,
        inputDropout: head.dropsInput && configuration.hasPooler ? dropout : Dropout(0),
        key: key.place(2)))
  }

  /// A classifier whose parameters are still to be loaded: all zero.
  init(empty configuration: ClassifierConfiguration) {
    self.init(configuration, key: .blank)
  }
}
