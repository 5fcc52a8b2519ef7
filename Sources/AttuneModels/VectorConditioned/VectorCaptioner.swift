// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// A transformer that reads vectors and writes tokens, with one table of vectors for its input and output tokens: the
/// decoder of a translator behind another encoder.
public struct VectorCaptioner: SequenceToSequence {
  /// The vectors of all tokens.
  public var table: Embedding
  public var encoder: VectorEncoder
  public var decoder: TransformerDecoder
  /// Added to the scores of the tokens.  [vocabulary]
  public var outputBias: Tensor

  /// A captioner of the given sizes, drawn from `key`.
  public init(_ configuration: CaptionerConfiguration, key: RandomKey) {
    let layer = configuration.decoder
    table = .tied(entries: configuration.vocabularySize, layer, key: key.place(0))
    encoder = VectorEncoder(configuration.vectors, for: layer, key: key.place(1))
    decoder = TransformerDecoder(
      layer, layerCount: configuration.decoderLayerCount, positions: configuration.positions,
      key: key.place(2))
    outputBias = .zeros([configuration.vocabularySize])
    drawMaps(key: key.place(3))
  }

  /// Takes over what a model writes with: the vectors of tokens, the decoder, and the bias of the scores. Sizes must be equal.
  public mutating func takeDecoder(of other: some SequenceToSequence) {
    takeTensors(of: other) { !$0.hasPrefix("encoder.") }
  }

  /// The vectors of each item -> a row of the state for each item
  public func begin(_ items: PackedStates, mode: Mode) -> TransformerDecoderState {
    decoder.begin(encoder.encode(items, mode: mode))
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
