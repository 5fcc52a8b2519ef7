// SPDX-License-Identifier: Apache-2.0

/// The rows of a packed batch in the order a recurrence visits them: all first tokens, then all second tokens, …
public struct TimeMajorLayout: Sendable {
  /// Packed row of each time-major row.
  public let packedRows: [Int32]
  /// Time-major row of each packed row.
  public let timeMajorRows: [Int32]
  /// First time-major row of each step, and the total at the end.
  public let stepOffsets: [Int]
  /// The sequence that runs in each place of a step; places run out from the back as shorter sequences end.
  public let sequences: [Int]

  /// The order for a layout; `isReversed` visits every sequence from its last token.
  public init(_ layout: SequenceLayout, isReversed: Bool = false) {
    sequences = (0..<layout.count).sorted {
      let (a, b) = (layout.length(of: $0), layout.length(of: $1))
      return a == b ? $0 < $1 : a > b
    }
    var rows: [Int32] = []
    var inverse = [Int32](repeating: 0, count: layout.tokenCount)
    var offsets = [0]
    for step in 0..<layout.longestLength {
      for sequence in sequences where layout.length(of: sequence) > step {
        let position = isReversed ? layout.length(of: sequence) - 1 - step : step
        let row = layout.offsets[sequence] + position
        inverse[row] = Int32(rows.count)
        rows.append(Int32(row))
      }
      offsets.append(rows.count)
    }
    packedRows = rows
    timeMajorRows = inverse
    stepOffsets = offsets
  }

  /// Number of steps: the length of the longest sequence.
  public var stepCount: Int { stepOffsets.count - 1 }

  func rows(of step: Int) -> Range<Int> { stepOffsets[step]..<stepOffsets[step + 1] }
}

/// Hidden state and cell of a recurrence, one row a place of the time-major order.
public struct LSTMState: Sendable {
  /// [places, units]
  public var hidden: Tensor
  /// [places, units]
  public var cell: Tensor

  /// A state of the given rows.
  public init(hidden: Tensor, cell: Tensor) {
    self.hidden = hidden
    self.cell = cell
  }
}

extension Tensor {
  /// Returns the hidden states of an LSTM over time-major rows (Hochreiter and Schmidhuber 1997, with forget gates).
  /// [tokens, 4 * units] -> [tokens, units]
  ///
  /// This tensor holds the gates' part that comes from the inputs, both biases included, in the order input, forget, cell,
  /// output. Gradients are cut every `truncation` steps (truncated backpropagation through time); nil: never.
  ///
  /// - Parameters:
  ///   - recurrent: [4 * units, units]
  ///   - initial: [places, units] each; the first window's gradients reach it.
  /// - Returns: The hidden state of each row, and the last state of each place, detached.
  public func lstm(
    recurrent: Tensor, initial: LSTMState, over time: TimeMajorLayout, truncation: Int? = nil
  ) -> (hidden: Tensor, final: LSTMState) {
    precondition(
      rowCount == time.packedRows.count && columnCount == recurrent.rowCount
        && recurrent.rowCount == 4 * recurrent.columnCount,
      "lstm: gates \(shape), recurrent weight \(recurrent.shape)")
    let stateShape = [time.sequences.count, recurrent.columnCount]
    precondition(
      initial.hidden.shape == stateShape && initial.cell.shape == stateShape,
      "lstm: initial state \(initial.hidden.shape), \(initial.cell.shape), not \(stateShape)")
    precondition(truncation ?? 1 > 0, "lstm: truncation every \(truncation ?? 0) steps")
    let run = LSTMRun(
      inputs: self, recurrent: recurrent, initial: initial, time: time, truncation: truncation)
    let trace = run.forward()
    let hidden = Tensor.recorded(
      trace.hidden, from: [self, recurrent, initial.hidden, initial.cell],
      saving: [trace.gates, trace.cells, trace.hidden, recurrent, initial.hidden, initial.cell]
    ) { call in
      let saved = call.saved
      let again = LSTMRun(
        inputs: saved[0], recurrent: saved[3],
        initial: LSTMState(hidden: saved[4], cell: saved[5]), time: time, truncation: truncation)
      let gradients = again.backward(
        call.gradient, gates: saved[0], cells: saved[1], hidden: saved[2])
      return [
        .dense(gradients.inputs), .dense(gradients.recurrent), .dense(gradients.initial.hidden),
        .dense(gradients.initial.cell),
      ]
    }
    return (hidden, trace.final)
  }
}
