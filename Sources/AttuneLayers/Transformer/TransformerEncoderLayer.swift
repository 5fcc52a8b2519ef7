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
  /// Dropout rate of what attention returns; nil: that of all sublayers.
  public var attentionOutputDropout: Float?
  /// Dropout rate between the maps of the feed-forward net.
  public var feedForwardDropout: Float = 0
  /// Whether the feed-forward net is a gated linear unit.
  public var isGated = false
  /// Whether the maps of attention have biases.
  public var hasAttentionBias = true
  /// Whether the maps of the feed-forward net have biases.
  public var hasFeedForwardBias = true
  /// Whether layer norms have biases.
  public var hasNormBias = true

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

  /// Whether the layer is made of the parts that BERT and its relatives have: biases everywhere, no gates, dropout of what
  /// sublayers return and of attention weights.
  public var hasPlainParts: Bool {
    !isGated && hasAttentionBias && hasFeedForwardBias && hasNormBias && feedForwardDropout == 0
      && attentionOutputDropout == nil
  }

  /// The columns of one head.
  public var headWidth: Int { modelDimension / headCount }

  /// A layer norm over the states.
  public var norm: LayerNorm {
    LayerNorm(dimension: modelDimension, epsilon: epsilon, hasBias: hasNormBias)
  }

  var residual: ResidualConnection { residual(dropout: dropout) }

  func residual(dropout: Float) -> ResidualConnection {
    ResidualConnection(
      dimension: modelDimension, epsilon: epsilon, normPlacement: normPlacement,
      hasNormBias: hasNormBias, dropout: Dropout(dropout))
  }

  func attention(key: RandomKey) -> MultiHeadAttention {
    MultiHeadAttention(
      dimension: modelDimension, headCount: headCount, hasBias: hasAttentionBias,
      dropout: Dropout(attentionDropout), key: key)
  }

  func feedForward(key: RandomKey) -> FeedForward {
    FeedForward(
      dimension: modelDimension, hiddenDimension: feedForwardDimension, activation: activation,
      isGated: isGated, hasBias: hasFeedForwardBias, dropout: Dropout(feedForwardDropout), key: key)
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
    selfAttentionResidual = settings.residual(
      dropout: settings.attentionOutputDropout ?? settings.dropout)
    feedForward = settings.feedForward(key: key.place(1))
    feedForwardResidual = settings.residual
  }

  /// [tokens, dimension] -> [tokens, dimension]
  ///
  /// - Parameters:
  ///   - bias: Added to the scores of attention by distance.
  ///   - rotation: By how much queries and keys turn.
  public func callAsFunction(
    _ states: Tensor, layout: SequenceLayout, pattern: AttentionPattern = .full,
    bias: AttentionBias? = nil, rotation: RotaryPositions? = nil, mode: Mode
  ) -> Tensor {
    let attended = selfAttentionResidual(states, mode: mode) {
      selfAttention(
        $0, layout: layout, pattern: pattern, bias: bias, rotation: rotation, mode: mode)
    }
    return feedForwardResidual(attended, mode: mode) { feedForward($0, mode: mode) }
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("selfAttention", &selfAttention)
    visit("selfAttentionResidual", &selfAttentionResidual)
    visit("feedForward", &feedForward)
    visit("feedForwardResidual", &feedForwardResidual)
  }
}
