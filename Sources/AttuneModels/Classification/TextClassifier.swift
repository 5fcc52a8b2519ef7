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
    self.init(configuration, key: key, encoderKey: key.place(0))
  }

  /// A classifier with a head drawn from `key`, whose encoder is still to be loaded: all zero.
  public init(withNewHead configuration: ClassifierConfiguration, key: RandomKey) {
    self.init(configuration, key: key, encoderKey: .blank)
  }

  private init(_ configuration: ClassifierConfiguration, key: RandomKey, encoderKey: RandomKey) {
    self.init(
      encoder: TransformerEncoder(configuration.encoder, key: encoderKey),
      pooling: Pooling(
        configuration.pooling, dimension: configuration.encoder.layer.modelDimension,
        key: key.place(1)),
      head: configuration.head(key: key.place(2)))
  }

  /// A classifier whose parameters are still to be loaded: all zero.
  init(empty configuration: ClassifierConfiguration) {
    self.init(configuration, key: .blank)
  }
}

extension ClassifierConfiguration {
  /// The family's head, drawn from `key`.
  fileprivate func head(key: RandomKey) -> ClassificationHead {
    let dimension = encoder.layer.modelDimension
    let family = encoder.family.layout.classifierHead
    let pooler = Linear(
      input: dimension, output: dimension, hasBias: encoder.head?.hasBias ?? true,
      key: key.place(0))
    return ClassificationHead(
      pooler: hasPooler ? pooler : nil,
      activation: encoder.head?.activation ?? family.activation,
      norm: hasPooler && family.hasNorm ? encoder.layer.norm : nil,
      classifier: Linear(input: dimension, output: labels.count, key: key.place(1)),
      dropout: Dropout(headDropout),
      inputDropout: Dropout(family.dropsInput && hasPooler ? headDropout : 0))
  }
}
