// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Tokens, positions and segments as vectors, normalised (Devlin et al. 2019, figure 2).
public struct TokenEmbedding: Module {
  public var token: Embedding
  /// Trained positions; nil when the positions are waves.
  public var position: Embedding?
  public var segment: Embedding?
  public var norm: LayerNorm
  /// Dropout of the result.
  public let dropout: Dropout
  /// Longest sequence.
  public let maximumLength: Int
  /// The table of waves, when positions are not trained.  [maximumLength, dimension]
  private let waves: Tensor?

  /// Tables drawn from `key`.
  public init(_ configuration: EncoderConfiguration, key: RandomKey) {
    let dimension = configuration.layer.modelDimension
    func table(_ entries: Int, _ place: UInt64) -> Embedding {
      Embedding(
        entries: entries, dimension: dimension,
        standardDeviation: configuration.embeddingDeviation, key: key.place(place))
    }
    token = table(configuration.vocabularySize, 0)
    position = configuration.positions == .learned ? table(configuration.maximumLength, 1) : nil
    segment = configuration.segmentCount > 0 ? table(configuration.segmentCount, 2) : nil
    norm = LayerNorm(dimension: dimension, epsilon: configuration.layer.epsilon)
    dropout = Dropout(configuration.layer.dropout)
    maximumLength = configuration.maximumLength
    waves =
      configuration.positions == .sinusoidal
      ? SinusoidalPositions.table(count: configuration.maximumLength, dimension: dimension) : nil
  }

  /// tokens -> [tokens, dimension]
  public func callAsFunction(_ tokens: TokenBatch, mode: Mode) -> Tensor {
    precondition(
      tokens.layout.longestLength <= maximumLength,
      "a sequence of \(tokens.layout.longestLength) tokens; the model has \(maximumLength) positions"
    )
    var lookups = [(table: token.weight, ids: tokens.ids)]
    let positions = tokens.layout.positions()
    if let position { lookups.append((position.weight, positions)) }
    if let waves { lookups.append((waves.converted(to: token.weight.precision), positions)) }
    if let segment {
      let segments =
        tokens.segments.map { $0.map { Int32($0) } }
        ?? [Int32](repeating: 0, count: tokens.ids.count)
      lookups.append((segment.weight, segments))
    }
    return dropout(norm(.embedding(lookups)), mode: mode)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("token", &token)
    visit("position", &position)
    visit("segment", &segment)
    visit("norm", &norm)
  }
}
