// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Turns a source into one vector a position.
public protocol SequenceEncoder<Source>: Module {
  /// What is encoded: tokens, or vectors.
  associatedtype Source: Sendable

  /// Returns the states of every position.
  func encode(_ source: Source, mode: Mode) -> PackedStates
}

/// An encoder of several layers whose states can be seen.
public protocol LayeredEncoder<Source>: SequenceEncoder {
  /// Returns the states behind each layer, the last of them as `encode` gives them.
  func layerStates(_ source: Source, mode: Mode) -> [PackedStates]
}

/// What a decoder remembers between steps, one row a sequence that is being written.
public protocol DecoderState: Sendable {
  /// Number of sequences that are being written.
  var rowCount: Int { get }
  /// Keeps the given rows, in this order; rows may repeat.
  mutating func select(rows: [Int])
  /// Forgets how the state was computed, so that gradients stop here.
  mutating func detach()
}

/// Anything that writes a sequence; owns every embedding it shares. Decoding and training know only this.
public protocol SequenceToSequence<Source>: Module {
  /// What the written sequence is conditioned on.
  associatedtype Source: Sendable
  /// What is remembered between steps.
  associatedtype State: DecoderState

  /// Reads the sources; the state has one row for each.
  func begin(_ source: Source, mode: Mode) -> State

  /// Returns the states after each of the tokens and remembers them: whole targets when teaching, one token a row when decoding.
  /// -> [tokens, dimension]
  func states(for tokens: TokenBatch, state: inout State, mode: Mode) -> Tensor

  /// As `states(for:state:mode:)`, with how much each token attends to each position of its source, one list a token; nil when
  /// the model cannot tell.
  func attendedStates(
    for tokens: TokenBatch, state: inout State, mode: Mode
  ) -> (states: Tensor, attention: [[Float]]?)

  /// Weight and bias that turn states into scores of the next token: for `logits`, and for the fused cross-entropy.
  var outputTable: OutputTable { get }
}

extension SequenceToSequence {
  /// Takes over the numbers of another model, buffers included, of the names that `isTaken` picks; sizes must be equal.
  public mutating func takeTensors(
    of other: some SequenceToSequence, where isTaken: (_ name: String) -> Bool = { _ in true }
  ) {
    let values = Dictionary(uniqueKeysWithValues: other.namedTensors.map { ($0.name, $0.tensor) })
    updateTensors { name, tensor, _ in
      guard isTaken(name) else { return }
      guard let value = values[name], value.shape == tensor.shape else {
        preconditionFailure("'\(name)' of a model is missing or has another shape")
      }
      tensor = value
    }
  }

  public func attendedStates(
    for tokens: TokenBatch, state: inout State, mode: Mode
  ) -> (states: Tensor, attention: [[Float]]?) {
    (states(for: tokens, state: &state, mode: mode), nil)
  }

  /// Returns the scores of the next token.  [rows, dimension] -> [rows, vocabulary]
  public func logits(of states: Tensor) -> Tensor {
    states.linear(weight: outputTable.weight, bias: outputTable.bias)
  }
}

/// The matrix that turns states into scores of tokens.
public struct OutputTable: Sendable {
  /// [vocabulary, dimension]
  public let weight: Tensor
  /// [vocabulary]
  public let bias: Tensor?

  /// A table of the given weight and bias.
  public init(weight: Tensor, bias: Tensor?) {
    self.weight = weight
    self.bias = bias
  }
}
