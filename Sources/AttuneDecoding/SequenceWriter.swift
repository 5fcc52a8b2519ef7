// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
public import AttuneTensors
internal import Synchronization

/// A model that is ready to write: its matrices, and the one that scores tokens, packed once for all searches.
public struct SequenceWriter<Model: SequenceToSequence>: Sendable {
  let model: Model
  private let output: Linear
  private let search = SharedSearch()

  /// A writer with the model as it is.
  public init(_ model: Model) {
    self.model = model
    output = Linear(weight: model.outputTable.weight, bias: model.outputTable.bias)
  }

  /// A writer with its matrices packed in a format; those that are packed already stay as they are. Takes memory for a second
  /// copy of the output table.
  public init(_ model: Model, packedAs format: PackedMatrix.Format) {
    let table = model.outputTable
    output = Linear(
      weight: Weight(
        packed: PackedMatrix(table.weight, format: format.fitting(table.weight.shape))),
      bias: table.bias)
    var model = model
    model.updateWeights { _, weight in
      guard !weight.isPacked else { return }
      weight = weight.packed(
        as: format.fitting([weight.outputCount, weight.inputCount]), keepsValues: false)
    }
    self.model = model
  }

  /// Number of tokens that can be written.
  public var vocabularySize: Int { output.outputDimension }

  /// Finds the most probable token without the probabilities; nil where computing them all is as fast. Made when it is first asked
  /// for, and takes a quarter of the output table's memory.
  var mostProbable: MaximumInnerProductSearch? { search.of(output) }

  /// The log-probabilities of what follows each state.  [rows, dimension]
  func scores(of states: Tensor) -> NextTokenScores { NextTokenScores(logits: output(states)) }

  /// Returns the log-probability of each token of given targets, that of the end behind them.
  public func logProbabilities(
    of targets: [[Int32]], _ source: Model.Source, limits: DecodingLimits
  ) -> [[Double]] {
    var state = model.begin(source, mode: .inference)
    precondition(
      targets.count == state.rowCount, "\(targets.count) targets for \(state.rowCount) sources")
    let batch = TokenBatch(targets.map { [limits.start] + $0 })
    let states = model.states(for: batch, state: &state, mode: .inference)
    return targets.indices.map { sequence in
      // A sequence at a time, so that the scores of all tokens are never all in memory.
      let scores = scores(of: states.rows(batch.layout.rows(of: sequence).map { Int32($0) }))
      return (targets[sequence] + [limits.end]).enumerated().map { scores[$0, $1] }
    }
  }

  /// Returns how much each token of given targets, and the end behind them, attends to each position of its source; nil when
  /// the model cannot tell.
  public func attention(
    of targets: [[Int32]], _ source: Model.Source, limits: DecodingLimits
  ) -> [[[Float]]]? {
    var state = model.begin(source, mode: .inference)
    let batch = TokenBatch(targets.map { [limits.start] + $0 })
    let found = model.attendedStates(for: batch, state: &state, mode: .inference).attention
    return found.map { rows in
      targets.indices.map { Array(rows[batch.layout.rows(of: $0)]) }
    }
  }
}

/// A search in the output table that all copies of a writer share.
private final class SharedSearch: Sendable {
  private enum State {
    case unmade
    case made(MaximumInnerProductSearch?)
  }

  private let state = Mutex(State.unmade)

  func of(_ output: Linear) -> MaximumInnerProductSearch? {
    state.withLock { state in
      if case .made(let search) = state { return search }
      let search = MaximumInnerProductSearch(output.weight, bias: output.bias)
      state = .made(search)
      return search
    }
  }
}

/// A writer in the middle of writing: one token a row in, scores of the next out.
struct WritingState<Model: SequenceToSequence> {
  private let writer: SequenceWriter<Model>
  private var state: Model.State
  private let observesAttention: Bool
  /// Scores that are computed at once, 1 MB.
  private static var scoresAtOnce: Int { 1 << 18 }
  /// Rows for which reading the whole output table costs little beside multiplying with it.
  private static var leastRows: Int { 56 }
  /// How much the last token of each row attends to each position of its source, when that is observed.
  private(set) var attention: [[Float]]?

  init(_ writer: SequenceWriter<Model>, source: Model.Source, observesAttention: Bool) {
    self.writer = writer
    self.observesAttention = observesAttention
    state = writer.model.begin(source, mode: .inference)
  }

  var rowCount: Int { state.rowCount }

  /// Drops, reorders and repeats rows.
  mutating func select(rows: [Int]) {
    let isUnchanged = rows.count == state.rowCount && rows.indices.allSatisfy { rows[$0] == $0 }
    if !isUnchanged { state.select(rows: rows) }
  }

  /// Reads a token of each row.  -> [rows, dimension]
  mutating func states(after tokens: [Int32]) -> Tensor {
    states(
      after: TokenBatch(
        ids: tokens, layout: SequenceLayout(lengths: [Int](repeating: 1, count: tokens.count))))
  }

  /// Reads the beginning of each row.  -> [rows, dimension]
  mutating func states(after beginnings: [[Int32]]) -> Tensor {
    let batch = TokenBatch(beginnings)
    return states(after: batch)
  }

  /// Returns what `choose` makes of the log-probabilities of what follows each state, which it gets of a few rows at a time: so few
  /// that they stay in the near caches.
  func choices<Choice>(
    after states: Tensor, _ choose: (inout NextTokenScores, Range<Int>) -> [Choice]
  ) -> [Choice] {
    let count = states.rowCount
    let step = max(Self.leastRows, Self.scoresAtOnce / writer.vocabularySize)
    return stride(from: 0, to: count, by: step).flatMap { first in
      let rows = first..<min(count, first + step)
      var scores = writer.scores(
        of: rows.count == count ? states : states.rows(rows.map { Int32($0) }))
      return choose(&scores, rows)
    }
  }

  private mutating func states(after batch: TokenBatch) -> Tensor {
    let layout = batch.layout
    var states: Tensor
    if observesAttention {
      let found = writer.model.attendedStates(for: batch, state: &state, mode: .inference)
      states = found.states
      attention = found.attention.map { rows in
        (0..<layout.count).map { rows[layout.offsets[$0 + 1] - 1] }
      }
    } else {
      states = writer.model.states(for: batch, state: &state, mode: .inference)
    }
    if layout.tokenCount != layout.count {
      states = states.rows((0..<layout.count).map { Int32(layout.offsets[$0 + 1] - 1) })
    }
    return states
  }
}
