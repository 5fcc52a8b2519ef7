// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// A map behind the pooling of an embedder.
public struct EmbedderDense: Module {
  public var linear: Linear
  /// Of the result.
  public let activation: Activation

  /// A map drawn from `key`.
  public init(_ configuration: EmbedderConfiguration.Dense, key: RandomKey) {
    linear = Linear(
      input: configuration.inputDimension, output: configuration.outputDimension,
      hasBias: configuration.hasBias, key: key)
    activation = configuration.activation
  }

  /// [sequences, input] -> [sequences, output]
  public func callAsFunction(_ vectors: Tensor) -> Tensor { linear(vectors, then: activation) }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("linear", &linear)
  }
}

/// An encoder whose states become one vector a text (Reimers and Gurevych 2019).
public struct TextEmbedder: Module {
  public var encoder: TransformerEncoder
  /// Their vectors are joined.
  public var poolings: [Pooling]
  public var denses: [EmbedderDense]
  /// Whether vectors have length 1.
  public let normalizes: Bool

  /// An embedder drawn from `key`.
  public init(_ configuration: EmbedderConfiguration, key: RandomKey) {
    self.init(
      encoder: TransformerEncoder(configuration.encoder, key: key.place(0)),
      poolings: configuration.poolings.map {
        Pooling($0, dimension: configuration.encoder.layer.modelDimension, key: key.place(1))
      },
      denses: configuration.denses.enumerated().map { index, dense in
        EmbedderDense(dense, key: key.place(2).place(UInt64(index)))
      }, normalizes: configuration.normalizes)
  }

  /// An embedder of the given parts.
  public init(
    encoder: TransformerEncoder, poolings: [Pooling], denses: [EmbedderDense], normalizes: Bool
  ) {
    self.encoder = encoder
    self.poolings = poolings
    self.denses = denses
    self.normalizes = normalizes
  }

  /// texts -> [texts, dimension]
  ///
  /// - Parameters:
  ///   - skipped: Tokens at the start of each text that are not pooled.
  ///   - normalizes: Whether vectors get length 1; nil: as the model says.
  public func callAsFunction(
    _ texts: TokenBatch, skipping skipped: Int = 0, normalizes: Bool? = nil, mode: Mode
  ) -> Tensor {
    let states = encoder.encode(texts, mode: mode)
    let parts = poolings.map { $0(states, skipping: skipped) }
    let pooled = parts.count == 1 ? parts[0] : .concatenatingColumns(parts)
    let vectors = denses.reduce(pooled) { $1($0) }
    return normalizes ?? self.normalizes ? vectors.rowsNormalized() : vectors
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("encoder", &encoder)
    visit("poolings", &poolings)
    visit("denses", &denses)
  }
}
