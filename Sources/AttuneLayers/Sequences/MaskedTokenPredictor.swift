// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// What a model makes of tokens some of which are hidden.
public struct MaskedTokenGuesses {
  /// What the output table is to be multiplied with, for the rows that were asked for.  [rows, dimension]
  public let states: Tensor
  /// Scores of "the second text follows the first" and "it does not" for each sequence; nil when the model cannot tell.
  /// [sequences, 2]
  public let continuation: Tensor?

  /// Guesses of the given parts.
  public init(states: Tensor, continuation: Tensor? = nil) {
    (self.states, self.continuation) = (states, continuation)
  }
}

/// Anything that guesses hidden tokens; training and pipelines know only this.
public protocol MaskedTokenPredictor: Module {
  /// Returns the guesses at the tokens of the given rows of the batch: most tokens are not hidden, and the vocabulary is large.
  func guesses(at rows: [Int32], in tokens: TokenBatch, mode: Mode) -> MaskedTokenGuesses

  /// Weight and bias that turn states into scores of the vocabulary.
  var outputTable: OutputTable { get }
}
