// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Causal self-attention, attention over a source and a feed-forward net, each in a residual connection (Vaswani et al.
/// 2017, figure 1 right).
public struct TransformerDecoderLayer: Module {
  public var selfAttention: MultiHeadAttention
  public var selfAttentionResidual: ResidualConnection
  public var crossAttention: MultiHeadAttention
  public var crossAttentionResidual: ResidualConnection
  public var feedForward: FeedForward
  public var feedForwardResidual: ResidualConnection

  /// A layer drawn from `key`.
  public init(_ settings: TransformerLayerSettings, key: RandomKey) {
    selfAttention = settings.attention(key: key.place(0))
    selfAttentionResidual = settings.residual
    crossAttention = settings.attention(key: key.place(1))
    crossAttentionResidual = settings.residual
    feedForward = settings.feedForward(key: key.place(2))
    feedForwardResidual = settings.residual
  }

  /// [tokens, dimension] -> [tokens, dimension]
  ///
  /// - Parameters:
  ///   - past: Keys and values of this layer's earlier tokens; grows.
  ///   - memory: What `crossAttention` made of the sources.
  ///   - sources: The source of each sequence.
  ///   - observe: Is told what `crossAttention` gets.
  public func callAsFunction(
    _ states: Tensor, layout: SequenceLayout, past: inout KeyValues, memory: PackedKeyValues,
    sources: [Int], mode: Mode, observe: (Tensor) -> Void = { _ in }
  ) -> Tensor {
    let attended = selfAttentionResidual(states, mode: mode) {
      selfAttention($0, layout: layout, past: &past, mode: mode)
    }
    let conditioned = crossAttentionResidual(attended, mode: mode) {
      observe($0)
      return crossAttention($0, layout: layout, to: memory, sources: sources, mode: mode)
    }
    return feedForwardResidual(conditioned, mode: mode) { feedForward($0, mode: mode) }
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("selfAttention", &selfAttention)
    visit("selfAttentionResidual", &selfAttentionResidual)
    visit("crossAttention", &crossAttention)
    visit("crossAttentionResidual", &crossAttentionResidual)
    visit("feedForward", &feedForward)
    visit("feedForwardResidual", &feedForwardResidual)
  }
}
