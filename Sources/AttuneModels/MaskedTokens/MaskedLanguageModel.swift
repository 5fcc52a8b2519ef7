// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// What turns the state of a token into a guess at the token that stood there before it was masked (Devlin et al. 2019,
/// section 3.1).
public struct MaskedTokenHead: Module {
  public var dense: Linear
  public var norm: LayerNorm
  /// The vectors that states are compared with; nil: the encoder's token table.  [vocabulary, dimension]
  public var output: Tensor?
  /// Added to the scores of the tokens; only ModernBERT may have none.  [vocabulary]
  public var outputBias: Tensor?
  /// Between the map and the norm.
  public let activation: Activation

  /// A head drawn from `key`.
  ///
  /// - Parameter isTied: Whether the encoder's token table is the output layer.
  public init(_ configuration: EncoderConfiguration, isTied: Bool = true, key: RandomKey) {
    let dimension = configuration.layer.modelDimension
    let settings = configuration.head
    dense = Linear(
      input: dimension, output: dimension, hasBias: settings?.hasBias ?? true, key: key.place(0))
    norm = configuration.layer.norm
    output =
      isTied
      ? nil
      : .truncatedNormal(
        [configuration.vocabularySize, dimension], standardDeviation: 0.02, key: key.place(1))
    outputBias =
      settings?.hasOutputBias ?? true ? .zeros([configuration.vocabularySize]) : nil
    activation =
      settings?.activation ?? configuration.family.layout.maskedTokenActivation
      ?? configuration.layer.activation
  }

  /// [tokens, dimension] -> [tokens, dimension]
  public func callAsFunction(_ states: Tensor) -> Tensor {
    norm(dense(states, then: activation))
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("dense", &dense)
    visit("norm", &norm)
    visit("output", &output)
    visit("outputBias", &outputBias)
  }
}

/// An encoder that guesses the tokens behind masks, and where it has learned that, whether one text follows another.
public struct MaskedLanguageModel: MaskedTokenPredictor {
  public var encoder: TransformerEncoder
  public var head: MaskedTokenHead
  public var nextSentence: NextSentenceHead?

  /// A model of the given parts.
  public init(
    encoder: TransformerEncoder, head: MaskedTokenHead, nextSentence: NextSentenceHead? = nil
  ) {
    (self.encoder, self.head, self.nextSentence) = (encoder, head, nextSentence)
  }

  /// A model drawn from `key`.
  public init(_ configuration: EncoderConfiguration, isTied: Bool = true, key: RandomKey) {
    self.init(
      encoder: TransformerEncoder(configuration, key: key.place(0)),
      head: MaskedTokenHead(configuration, isTied: isTied, key: key.place(1)))
  }

  /// Returns what the output table is to be multiplied with, for the given rows of the batch alone: most tokens are not
  /// masked, and the vocabulary is large.  -> [rows, dimension]
  public func states(of rows: [Int32], in tokens: TokenBatch, mode: Mode) -> Tensor {
    head(encoder.encode(tokens, mode: mode).states.rows(rows))
  }

  public func guesses(
    at rows: [Int32], in tokens: TokenBatch, mode: Mode
  ) -> MaskedTokenGuesses {
    let states = encoder.encode(tokens, mode: mode).states
    return MaskedTokenGuesses(
      states: head(states.rows(rows)),
      continuation: nextSentence.map { head in
        head(states.rows((0..<tokens.layout.count).map { Int32(tokens.layout.offsets[$0]) }))
      })
  }

  /// Returns the scores of the vocabulary for the given rows of the batch.  -> [rows, vocabulary]
  public func logits(of rows: [Int32], in tokens: TokenBatch, mode: Mode) -> Tensor {
    let table = outputTable
    return states(of: rows, in: tokens, mode: mode).linear(weight: table.weight, bias: table.bias)
  }

  /// Weight and bias that turn states into scores: for `logits`, and for the fused cross-entropy.
  public var outputTable: OutputTable {
    OutputTable(weight: head.output ?? encoder.embeddings.token.weight, bias: head.outputBias)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("encoder", &encoder)
    visit("head", &head)
    visit("nextSentence", &nextSentence)
  }
}
