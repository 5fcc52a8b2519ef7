// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Where the norm of a residual block stands.
public enum NormPlacement: String, Sendable, Hashable, Codable, CaseIterable {
  /// Before the sublayer (Xiong et al. 2020).
  case pre
  /// After the sum (Vaswani et al. 2017, BERT).
  case post
}

/// A residual connection around a sublayer, with its norm and dropout: written once for every layer.
public struct ResidualConnection: Module {
  /// Nil where the input is normalised already, as that of ModernBERT's first layer is.
  public var norm: LayerNorm?
  /// Where the norm stands.
  public let normPlacement: NormPlacement
  /// Dropout of what the sublayer returns.
  public let dropout: Dropout

  /// A connection over states of `dimension` columns.
  public init(
    dimension: Int, epsilon: Float, normPlacement: NormPlacement, hasNormBias: Bool = true,
    dropout: Dropout
  ) {
    norm = LayerNorm(dimension: dimension, epsilon: epsilon, hasBias: hasNormBias)
    self.normPlacement = normPlacement
    self.dropout = dropout
  }

  /// [tokens, dimension] -> [tokens, dimension]
  public func callAsFunction(
    _ input: Tensor, mode: Mode, around sublayer: (Tensor) -> Tensor
  ) -> Tensor {
    switch (normPlacement, norm) {
    case (.pre, _), (.post, nil):
      sublayer(norm.map { $0(input) } ?? input).dropped(dropout.draw(mode), addedTo: input)
    case (.post, let norm?):
      norm(sublayer(input), addedTo: input, dropout: dropout.draw(mode))
    }
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("norm", &norm)
  }
}
