// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import TestSupport
import Testing

@Suite("LSTM")
struct LSTMTests {
  private let units = 3
  private let recurrent = Tensor.drawn([12, 3], seed: 2)

  private func zeros(_ places: Int) -> LSTMState {
    let zeros = Tensor.zeros([places, units], precision: .float64)
    return LSTMState(hidden: zeros, cell: zeros)
  }

  @Test("Two windows with the state passed on give what one run gives")
  func windows() {
    let gates = Tensor.drawn([10, 12], seed: 1)
    let whole = gates.lstm(
      recurrent: recurrent, initial: zeros(2),
      over: TimeMajorLayout(SequenceLayout(lengths: [5, 5])))
    let first = gates.rows((0..<6).map { Int32($0) }).lstm(
      recurrent: recurrent, initial: zeros(2),
      over: TimeMajorLayout(SequenceLayout(lengths: [3, 3])))
    let second = gates.rows((6..<10).map { Int32($0) }).lstm(
      recurrent: recurrent, initial: first.final,
      over: TimeMajorLayout(SequenceLayout(lengths: [2, 2])))
    #expect(whole.hidden.doubles == first.hidden.doubles + second.hidden.doubles)
    #expect(whole.final.hidden.doubles == second.final.hidden.doubles)
    #expect(whole.final.cell.doubles == second.final.cell.doubles)
  }

  @Test("The last state of a place is that of its sequence's last token")
  func finalState() {
    let layout = SequenceLayout(lengths: [1, 4, 0, 2])
    let time = TimeMajorLayout(layout)
    let initial = LSTMState(
      hidden: .drawn([4, units], seed: 5), cell: .drawn([4, units], seed: 6))
    let run = Tensor.drawn([7, 12], seed: 1)
      .lstm(recurrent: recurrent, initial: initial, over: time)
    let packed = run.hidden.rows(time.timeMajorRows)
    for (place, sequence) in time.sequences.enumerated() {
      let expected =
        layout.length(of: sequence) == 0
        ? initial.hidden.rows([Int32(place)])
        : packed.rows([Int32(layout.offsets[sequence + 1] - 1)])
      #expect(run.final.hidden.rows([Int32(place)]).doubles == expected.doubles)
    }
    #expect(!run.final.hidden.isTracked)
  }
}
