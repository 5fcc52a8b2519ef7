// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// Tokens, positions and segments as vectors, normalised (Devlin et al. 2019, figure 2).
public struct TokenEmbedding: Module {
  public var token: Embedding
  /// Trained positions; nil when positions enter otherwise.
  public var position: Embedding?
  public var segment: Embedding?
  public var norm: LayerNorm
  /// Dropout of the result.
  public let dropout: Dropout
  /// Longest sequence.
  public let maximumLength: Int
  /// The position of the first token.
  private let positionOffset: Int
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
    position =
      configuration.positions == .learned
      ? table(configuration.maximumLength + configuration.positionOffset, 1) : nil
    segment = configuration.segmentCount > 0 ? table(configuration.segmentCount, 2) : nil
    norm = configuration.layer.norm
    dropout = Dropout(configuration.embeddingDropout ?? configuration.layer.dropout)
    maximumLength = configuration.maximumLength
    positionOffset = configuration.positionOffset
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
    if let position { lookups.append((position.weight, positions(of: tokens))) }
    if let waves {
      lookups.append((waves.converted(to: token.weight.precision), tokens.layout.positions()))
    }
    if let segment { lookups.append((segment.weight, segments(of: tokens, in: segment))) }
    return dropout(norm(.embedding(lookups)), mode: mode)
  }

  private func positions(of tokens: TokenBatch) -> [Int32] {
    var positions = tokens.layout.positions(from: positionOffset)
    let padding = Int32(positionOffset - 1)
    guard positionOffset > 0, tokens.ids.contains(padding) else { return positions }
    // RoBERTa counts the tokens that are no padding, also where a text contains the padding token.
    for sequence in 0..<tokens.layout.count {
      var next = padding + 1
      for row in tokens.layout.rows(of: sequence) {
        let isPadding = tokens.ids[row] == padding
        positions[row] = isPadding ? padding : next
        next += isPadding ? 0 : 1
      }
    }
    return positions
  }

  /// A tokenizer may number more texts than the model tells apart.
  private func segments(of tokens: TokenBatch, in table: Embedding) -> [Int32] {
    guard let segments = tokens.segments else {
      return [Int32](repeating: 0, count: tokens.ids.count)
    }
    let last = Int32(table.weight.rowCount - 1)
    return segments.map { min(Int32($0), last) }
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("token", &token)
    visit("position", &position)
    visit("segment", &segment)
    visit("norm", &norm)
  }
}
