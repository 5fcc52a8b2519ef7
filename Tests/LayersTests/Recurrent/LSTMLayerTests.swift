// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

private struct Stack: Module {
  var states: Tensor
  var layers: [LSTMLayer]

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("states", &states)
    visit("layers", &layers)
  }
}

@Suite("LSTM layers")
struct LSTMLayerTests {
  @Test("Two layers in both directions over ragged sequences agree with PyTorch")
  func agreesWithPyTorch() throws {
    let golden = try GoldenCase("lstm", in: "Models/modules.json")
    let layout = try golden.layout("lengths")
    let layers = [5, 6].map {
      LSTMLayer(inputDimension: $0, units: 3, isBidirectional: true, key: RandomKey(seed: 1))
    }
    let stack = Stack(states: .zeros([layout.tokenCount, 5]), layers: layers)
    try golden.expectAgreement(of: stack) { stack in
      var packed = PackedStates(states: stack.states, layout: layout)
      for layer in stack.layers { packed = layer(packed) }
      return packed.states
    }
  }

  @Test("A layer keeps the contract of modules", arguments: [false, true], [nil, 2])
  func keepsContract(isBidirectional: Bool, truncation: Int?) throws {
    let layer = LSTMLayer(
      inputDimension: 3, units: 2, isBidirectional: isBidirectional, truncation: truncation,
      key: RandomKey(seed: 5))
    guard truncation == nil else { return try ModuleContract.checkListing(of: layer) }
    try ModuleContract.check(layer, lengths: [3, 0, 1, 4], dimension: 3) { layer, packed, _ in
      layer(packed).states
    }
  }

  @Test("Reading on from the last state is reading the whole")
  func continues() {
    let direction = LSTMDirection(inputDimension: 3, units: 4, key: RandomKey(seed: 2))
      .converted(to: .float64)
    let states = Tensor.drawn([9, 3], seed: 4)
    var state = direction.initialState(rowCount: 2)
    let whole = direction(
      PackedStates(states: states, layout: SequenceLayout(lengths: [4, 5])), state: &state)
    var stepState = direction.initialState(rowCount: 2)
    let head = direction(
      PackedStates(
        states: states.rows([0, 4, 5]), layout: SequenceLayout(lengths: [1, 2])),
      state: &stepState)
    let tail = direction(
      PackedStates(
        states: states.rows([1, 2, 3, 6, 7, 8]), layout: SequenceLayout(lengths: [3, 3])),
      state: &stepState)
    let parts = Tensor.concatenatingRows([head, tail]).rows([0, 3, 4, 5, 1, 2, 6, 7, 8])
    #expect(relativeDistance(parts.doubles, whole.doubles) < 1e-14)
    #expect(relativeDistance(stepState.hidden.doubles, state.hidden.doubles) < 1e-14)
    #expect(relativeDistance(stepState.cell.doubles, state.cell.doubles) < 1e-14)
  }

  @Test("A state keeps the chosen rows in the chosen order")
  func selects() {
    var state = RecurrentState(
      hidden: Tensor([1, 2, 3], shape: [3, 1]), cell: Tensor([4, 5, 6], shape: [3, 1]))
    state.select(rows: [2, 0, 2])
    #expect(state.hidden.values == [3, 1, 3])
    #expect(state.cell.values == [6, 4, 6])
    #expect(state.rowCount == 3)
  }
}
