// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Turns a vector a sequence into one score a label, through an optional hidden layer.
public struct ClassificationHead: Module {
  /// BERT's pooler: a map of the pooled vector, followed by the activation.
  public var pooler: Linear?
  /// Behind the activation.
  public var norm: LayerNorm?
  public var classifier: Linear
  /// Behind the pooler.
  public let activation: Activation
  /// Dropout of what the classifier sees.
  public let dropout: Dropout
  /// Dropout of what the pooler sees.
  public let inputDropout: Dropout

  /// A head for `labelCount` labels.
  public init(
    dimension: Int, labelCount: Int, hasPooler: Bool, activation: Activation = .tanh,
    dropout: Dropout, inputDropout: Dropout = Dropout(0), key: RandomKey
  ) {
    let pooler = hasPooler ? Linear(input: dimension, output: dimension, key: key.place(0)) : nil
    self.init(
      pooler: pooler, activation: activation,
      classifier: Linear(input: dimension, output: labelCount, key: key.place(1)),
      dropout: dropout, inputDropout: inputDropout)
  }

  /// A head of the given parts.
  public init(
    pooler: Linear?, activation: Activation, norm: LayerNorm? = nil, classifier: Linear,
    dropout: Dropout, inputDropout: Dropout = Dropout(0)
  ) {
    self.pooler = pooler
    self.norm = norm
    self.classifier = classifier
    self.activation = activation
    self.dropout = dropout
    self.inputDropout = inputDropout
  }

  /// [sequences, dimension] -> [sequences, labels]
  public func callAsFunction(_ pooled: Tensor, mode: Mode) -> Tensor {
    classifier(dropout(features(pooled, mode: mode), mode: mode))
  }

  /// What the last layer tells labels by.  [sequences, dimension] -> the same
  public func features(_ pooled: Tensor, mode: Mode) -> Tensor {
    let hidden =
      pooler.map { $0(inputDropout(pooled, mode: mode), then: activation) } ?? pooled
    return norm.map { $0(hidden) } ?? hidden
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("pooler", &pooler)
    visit("norm", &norm)
    visit("classifier", &classifier)
  }
}

/// An encoder, its pooling, and a head: sequences in, one score a label out.
public struct SequenceClassifier<Encoder: SequenceEncoder>: Module {
  public var encoder: Encoder
  public var pooling: Pooling
  public var head: ClassificationHead

  /// A classifier of the given parts.
  public init(encoder: Encoder, pooling: Pooling, head: ClassificationHead) {
    self.encoder = encoder
    self.pooling = pooling
    self.head = head
  }

  /// sources -> [sequences, labels]
  public func logits(_ source: Encoder.Source, mode: Mode) -> Tensor {
    head(pooling(encoder.encode(source, mode: mode)), mode: mode)
  }

  /// sources -> what the last layer tells labels by  [sequences, dimension]
  public func features(_ source: Encoder.Source, mode: Mode) -> Tensor {
    head.features(pooling(encoder.encode(source, mode: mode)), mode: mode)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("encoder", &encoder)
    visit("pooling", &pooling)
    visit("head", &head)
  }
}
