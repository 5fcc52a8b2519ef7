// SPDX-License-Identifier: Apache-2.0

internal import CAttuneKernels

/// One LSTM layer over all steps of a batch, forward and back.
struct LSTMRun {
  /// Input part of the gates, [tokens, 4 * units], time-major.
  let inputs: Tensor
  let recurrent: Tensor
  let initial: LSTMState
  let time: TimeMajorLayout
  let truncation: Int?

  struct Trace {
    /// Activated gates, [tokens, 4 * units].
    let gates: Tensor
    let cells: Tensor
    let hidden: Tensor
    let final: LSTMState
  }

  private var units: Int { recurrent.columnCount }
  private var precision: Precision { inputs.precision }

  func forward() -> Trace {
    let tokens = inputs.rowCount
    let gates = Kernels.scaled(inputs, by: 1)
    let cells = Tensor(uninitialized: [tokens, units], precision: precision)
    let hidden = Tensor(uninitialized: [tokens, units], precision: precision)
    let final = LSTMState(
      hidden: Kernels.scaled(initial.hidden, by: 1), cell: Kernels.scaled(initial.cell, by: 1))
    for step in 0..<time.stepCount {
      let rows = time.rows(of: step)
      let gateRows = gates.pointer(atElement: rows.lowerBound * 4 * units)
      Kernels.multiply(
        precision, transposeB: true, m: rows.count, n: 4 * units, k: units,
        previous(hidden, initial.hidden, step), recurrent.pointer, beta: 1, into: gateRows)
      let cellRows = cells.pointer(atElement: rows.lowerBound * units)
      let hiddenRows = hidden.pointer(atElement: rows.lowerBound * units)
      attune_lstm_step(
        precision.kernel, gateRows, previous(cells, initial.cell, step), cellRows, hiddenRows,
        rows.count, units)
      let bytes = rows.count * units * precision.byteCount
      final.cell.pointer.copyMemory(from: cellRows, byteCount: bytes)
      final.hidden.pointer.copyMemory(from: hiddenRows, byteCount: bytes)
    }
    return Trace(gates: gates, cells: cells, hidden: hidden, final: final)
  }

  func backward(
    _ gradient: Tensor, gates: Tensor, cells: Tensor, hidden: Tensor
  ) -> (inputs: Tensor, recurrent: Tensor, initial: LSTMState) {
    let inputGradient = Tensor(uninitialized: gates.shape, precision: precision)
    let carried = LSTMState(
      hidden: Tensor.zeros(initial.hidden.shape, precision: precision),
      cell: Tensor.zeros(initial.cell.shape, precision: precision))
    for step in (0..<time.stepCount).reversed() {
      let rows = time.rows(of: step)
      let count = rows.count * units
      attune_add(
        precision.kernel, carried.hidden.pointer,
        gradient.pointer(atElement: rows.lowerBound * units), carried.hidden.pointer, count)
      let gateGradient = inputGradient.pointer(atElement: rows.lowerBound * 4 * units)
      attune_lstm_step_backward(
        precision.kernel, gates.pointer(atElement: rows.lowerBound * 4 * units),
        previous(cells, initial.cell, step), cells.pointer(atElement: rows.lowerBound * units),
        carried.hidden.pointer, carried.cell.pointer, gateGradient, carried.cell.pointer,
        rows.count, units)
      Kernels.multiply(
        precision, m: rows.count, n: units, k: 4 * units, gateGradient, recurrent.pointer,
        into: carried.hidden.pointer)
      if let truncation, step > 0, step % truncation == 0 {
        attune_fill(precision.kernel, carried.hidden.pointer, 0, count)
        attune_fill(precision.kernel, carried.cell.pointer, 0, count)
      }
    }
    let recurrentGradient = Kernels.product(
      inputGradient, previousHidden(hidden), transposeA: true)
    return (inputGradient, recurrentGradient, carried)
  }

  /// Rows of the step before `step`, or the initial ones: a prefix of places, since places run out from the back.
  private func previous(_ rows: Tensor, _ initial: Tensor, _ step: Int) -> UnsafeMutableRawPointer {
    step == 0 ? initial.pointer : rows.pointer(atElement: time.stepOffsets[step - 1] * units)
  }

  /// The hidden state that each time-major row started from.  [tokens, units]
  private func previousHidden(_ hidden: Tensor) -> Tensor {
    let result = Tensor(uninitialized: hidden.shape, precision: precision)
    for step in 0..<time.stepCount {
      let rows = time.rows(of: step)
      result.pointer(atElement: rows.lowerBound * units)
        .copyMemory(
          from: previous(hidden, initial.hidden, step),
          byteCount: rows.count * units * precision.byteCount)
    }
    return result
  }
}
