// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// The sizes and settings that every transformer layer shares.
public struct TransformerLayerSettings: Sendable, Hashable {
  public var modelDimension: Int
  public var headCount: Int
  public var feedForwardDimension: Int
  public var activation: Activation
  public var normPlacement: NormPlacement
  /// Added to the variance in layer norms.
  public var epsilon: Float
  /// Dropout rate of what sublayers return.
  public var dropout: Float
  /// Dropout rate of attention weights.
  public var attentionDropout: Float

  /// Settings of one layer; the defaults are BERT's.
  public init(
    modelDimension: Int, headCount: Int, feedForwardDimension: Int, activation: Activation = .gelu,
    normPlacement: NormPlacement = .post, epsilon: Float = 1e-12, dropout: Float = 0.1,
    attentionDropout: Float = 0.1
  ) {
    self.modelDimension = modelDimension
    self.headCount = headCount
    self.feedForwardDimension = feedForwardDimension
    self.activation = activation
    self.normPlacement = normPlacement
    self.epsilon = epsilon
    self.dropout = dropout
    self.attentionDropout = attentionDropout
  }

  var residual: ResidualConnection {
    ResidualConnection(
      dimension: modelDimension, epsilon: epsilon, normPlacement: normPlacement,
      dropout: Dropout(dropout))
  }

  func attention(key: RandomKey) -> MultiHeadAttention {
    MultiHeadAttention(
      dimension: modelDimension, headCount: headCount, dropout: Dropout(attentionDropout), key: key)
  }

  func feedForward(key: RandomKey) -> FeedForward {
    FeedForward(
      dimension: modelDimension, hiddenDimension: feedForwardDimension, activation: activation,
      key: key)
  }
}

/// Self-attention and a feed-forward net, each in a residual connection (Vaswani et al. 2017, figure 1 left).
public struct TransformerEncoderLayer: Module {
  public var selfAttention: MultiHeadAttention
  public var selfAttentionResidual: ResidualConnection
  public var feedForward: FeedForward
  public var feedForwardResidual: ResidualConnection

  /// A layer drawn from `key`.
  public init(_ settings: TransformerLayerSettings, key: RandomKey) {
    selfAttention = settings.attention(key: key.place(0))
    selfAttentionResidual = settings.residual
    feedForward = settings.feedForward(key: key.place(1))
    feedForwardResidual = settings.residual
  }

  /// [tokens, dimension] -> [tokens, dimension]
  public func callAsFunction(
    _ states: Tensor, layout: SequenceLayout, pattern: AttentionPattern = .full, mode: Mode
  ) -> Tensor {
    let attended = selfAttentionResidual(states, mode: mode) {
      selfAttention($0, layout: layout, pattern: pattern, mode: mode)
    }
    return feedForwardResidual(attended, mode: mode) { feedForward($0) }
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("selfAttention", &selfAttention)
    visit("selfAttentionResidual", &selfAttentionResidual)
    visit("feedForward", &feedForward)
    visit("feedForwardResidual", &feedForwardResidual)
  }
}
