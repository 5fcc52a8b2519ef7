// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// A transformer that reads a vector and writes tokens, with one table of vectors for its input and output tokens.
public struct VectorCaptioner: SequenceToSequence {
  /// The vectors of all tokens.
  public var table: Embedding
  public var encoder: VectorEncoder
  public var decoder: TransformerDecoder
  /// Added to the scores of the tokens.  [vocabulary]
  public var outputBias: Tensor

  /// A captioner drawn from `key`.
  public init(
    _ settings: TransformerLayerSettings, vocabularySize: Int, vectorDimension: Int,
    memoryPositionCount: Int, decoderLayerCount: Int, key: RandomKey
  ) {
    table = .tied(entries: vocabularySize, settings, key: key.place(0))
    encoder = VectorEncoder(
      vectorDimension: vectorDimension, positionCount: memoryPositionCount,
      modelDimension: settings.modelDimension, epsilon: settings.epsilon, key: key.place(1))
    decoder = TransformerDecoder(settings, layerCount: decoderLayerCount, key: key.place(2))
    outputBias = .zeros([vocabularySize])
  }

  /// [vectors, vectorDimension] -> a row of the state for each vector
  public func begin(_ vectors: Tensor, mode: Mode) -> TransformerDecoderState {
    decoder.begin(encoder.encode(vectors, mode: mode))
  }

  public func states(
    for tokens: TokenBatch, state: inout TransformerDecoderState, mode: Mode
  ) -> Tensor {
    decoder(tokens, table: table, state: &state, mode: mode)
  }

  public func attendedStates(
    for tokens: TokenBatch, state: inout TransformerDecoderState, mode: Mode
  ) -> (states: Tensor, attention: [[Float]]?) {
    decoder.attending(tokens, table: table, state: &state, mode: mode)
  }

  public var outputTable: OutputTable { OutputTable(weight: table.weight, bias: outputBias) }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("table", &table)
    visit("encoder", &encoder)
    visit("decoder", &decoder)
    visit("outputBias", &outputBias)
  }
}
