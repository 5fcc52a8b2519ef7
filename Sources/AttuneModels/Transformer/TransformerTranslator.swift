// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors

/// A transformer that reads tokens and writes tokens (Vaswani et al. 2017), with one table of vectors for source, target
/// and output (Press and Wolf 2017).
public struct TransformerTranslator: SequenceToSequence {
  /// The vectors of all tokens.
  public var table: Embedding
  public var encoder: TransformerEncoderStack
  public var decoder: TransformerDecoder
  /// Added to the scores of the tokens.  [vocabulary]
  public var outputBias: Tensor

  /// A translator drawn from `key`.
  public init(
    _ settings: TransformerLayerSettings, vocabularySize: Int, encoderLayerCount: Int,
    decoderLayerCount: Int, key: RandomKey
  ) {
    table = .tied(entries: vocabularySize, settings, key: key.place(0))
    encoder = TransformerEncoderStack(settings, layerCount: encoderLayerCount, key: key.place(1))
    decoder = TransformerDecoder(settings, layerCount: decoderLayerCount, key: key.place(2))
    outputBias = .zeros([vocabularySize])
  }

  /// A translator of the given sizes, drawn from `key`.
  public init(_ configuration: TranslatorConfiguration, key: RandomKey) {
    let positions = configuration.positions
    table = .tied(
      entries: configuration.vocabularySize, configuration.encoder, key: key.place(0))
    encoder = TransformerEncoderStack(
      configuration.encoder, layerCount: configuration.encoderLayerCount, positions: positions,
      key: key.place(1))
    decoder = TransformerDecoder(
      configuration.decoder, layerCount: configuration.decoderLayerCount, positions: positions,
      key: key.place(2))
    outputBias = .zeros([configuration.vocabularySize])
    drawMaps(key: key.place(3))
    if configuration.tokens.start == configuration.tokens.padding {
      clearVector(of: configuration.tokens.start)
    }
  }

  /// Makes the vector of a token zero, as Marian's programs take that of their start to be.
  public mutating func clearVector(of token: Int32) { table.weight.clear(row: Int(token)) }

  public func begin(_ source: TokenBatch, mode: Mode) -> TransformerDecoderState {
    decoder.begin(encoder(source, table: table, mode: mode))
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

extension SequenceToSequence {
  /// Draws the maps anew with deviations that keep the sizes of states and gradients from layer to layer (Glorot and Bengio
  /// 2010, equation 12): with BERT's small ones a model of few columns hardly begins to learn.
  mutating func drawMaps(key: RandomKey) {
    guard key != .blank else { return }
    var place: UInt64 = 0
    updateTensors { name, tensor, _ in
      guard tensor.shape.count == 2, name.hasSuffix(".weight"), name != "table.weight" else {
        return
      }
      place += 1
      // Queries, keys and values count as one map with three times the outputs would: with half the variance.
      let isProjection = ["query", "key", "value"].contains { name.hasSuffix("\($0).weight") }
      let variance = (isProjection ? 1 : 2) / Float(tensor.shape[0] + tensor.shape[1])
      tensor = .truncatedNormal(
        tensor.shape, standardDeviation: variance.squareRoot(), key: key.place(place))
    }
  }
}

extension Embedding {
  /// A table for input and output: of deviation 1 / sqrt(dimension), so that input vectors times sqrt(dimension) are as
  /// large as the waves of positions, and scores start small.
  static func tied(
    entries: Int, _ settings: TransformerLayerSettings, key: RandomKey
  ) -> Embedding {
    Embedding(
      entries: entries, dimension: settings.modelDimension,
      standardDeviation: 1 / Float(settings.modelDimension).squareRoot(), key: key)
  }
}
