// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import Foundation

/// A model whose next token depends on the source and the last token alone, by a table of probabilities.
struct TableModel: SequenceToSequence {
  struct State: DecoderState {
    var sources: [Int]

    var rowCount: Int { sources.count }
    mutating func select(rows: [Int]) { sources = rows.map { sources[$0] } }
    mutating func detach() {}
  }

  /// [sources][last token][next token]
  let logProbabilities: [[[Double]]]

  init(logProbabilities: [[[Double]]]) { self.logProbabilities = logProbabilities }

  /// One source with the given rows of probabilities.
  init(_ probabilities: [[Double]]) {
    logProbabilities = [probabilities.map { $0.map { log($0) } }]
  }

  private var vocabularySize: Int { logProbabilities[0].count }

  func begin(_ source: [Int], mode: Mode) -> State { State(sources: source) }

  func states(for tokens: TokenBatch, state: inout State, mode: Mode) -> Tensor {
    let rows = tokens.layout.sequenceOfRow.map { state.sources[Int($0)] }
    let scores = zip(rows, tokens.ids).flatMap { logProbabilities[$0][Int($1)] }
    return Tensor(doubles: scores, shape: [tokens.ids.count, vocabularySize])
  }

  var outputTable: OutputTable {
    let identity = (0..<vocabularySize * vocabularySize).map {
      $0 % (vocabularySize + 1) == 0 ? 1.0 : 0
    }
    return OutputTable(
      weight: Tensor(doubles: identity, shape: [vocabularySize, vocabularySize]), bias: nil)
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {}
}
