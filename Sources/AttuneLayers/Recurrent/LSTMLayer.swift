// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// Hidden state and cell of a recurrent layer, one row a sequence.
public struct RecurrentState: DecoderState {
  /// [rows, units]
  public private(set) var hidden: Tensor
  /// [rows, units]
  public private(set) var cell: Tensor

  /// A state of the given rows.
  public init(hidden: Tensor, cell: Tensor) {
    precondition(hidden.shape == cell.shape, "hidden \(hidden.shape), cell \(cell.shape)")
    self.hidden = hidden
    self.cell = cell
  }

  public var rowCount: Int { hidden.rowCount }

  public mutating func select(rows: [Int]) {
    let ids = rows.map { Int32($0) }
    self = RecurrentState(hidden: hidden.rows(ids), cell: cell.rows(ids))
  }

  public mutating func detach() {
    self = RecurrentState(hidden: hidden.detached(), cell: cell.detached())
  }
}

/// A long short-term memory that walks over each sequence in one direction (Hochreiter and Schmidhuber 1997, with forget gates).
public struct LSTMDirection: Module {
  /// From inputs to gates in the order input, forget, cell, output.  [4 * units, input]
  public var input: Linear
  // Its bias adds to the other one; both are kept because published checkpoints contain both.
  /// From the hidden state before to gates.  [4 * units, units]
  public var recurrent: Linear

  /// A direction whose numbers are uniform in the range of 1 / sqrt(units).
  public init(inputDimension: Int, units: Int, key: RandomKey) {
    let bound = 1 / Float(units).squareRoot()
    input = Linear(
      weight: .uniform([4 * units, inputDimension], bound: bound, key: key.place(0)),
      bias: .uniform([4 * units], bound: bound, key: key.place(1)))
    recurrent = Linear(
      weight: .uniform([4 * units, units], bound: bound, key: key.place(2)),
      bias: .uniform([4 * units], bound: bound, key: key.place(3)))
  }

  /// Columns of the hidden state.
  public var units: Int { recurrent.weight.values.columnCount }

  /// The state before the first token: zero.
  public func initialState(rowCount: Int) -> RecurrentState {
    let zeros = Tensor.zeros([rowCount, units], precision: recurrent.weight.values.precision)
    return RecurrentState(hidden: zeros, cell: zeros)
  }

  /// Reads each sequence on from `state`, which becomes the last one, detached.  [tokens, input] -> [tokens, units]
  ///
  /// - Parameter truncation: Steps after which gradients are cut; nil: never.
  public func callAsFunction(
    _ packed: PackedStates, isReversed: Bool = false, state: inout RecurrentState,
    truncation: Int? = nil
  ) -> Tensor {
    let time = TimeMajorLayout(packed.layout, isReversed: isReversed)
    let gates = packed.states.rows(time.packedRows).linear(input.weight, bias: bias)
    let places = time.sequences.map { Int32($0) }
    let run = gates.lstm(
      recurrent: recurrent.weight.values,
      initial: LSTMState(hidden: state.hidden.rows(places), cell: state.cell.rows(places)),
      over: time, truncation: truncation)
    var placeOfSequence = places
    for (place, sequence) in time.sequences.enumerated() {
      placeOfSequence[sequence] = Int32(place)
    }
    state = RecurrentState(
      hidden: run.final.hidden.rows(placeOfSequence), cell: run.final.cell.rows(placeOfSequence))
    return run.hidden.rows(time.timeMajorRows)
  }

  private var bias: Tensor? {
    guard let first = input.bias, let second = recurrent.bias else {
      return input.bias ?? recurrent.bias
    }
    return first + second
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("input", &input)
    visit("recurrent", &recurrent)
  }
}

/// A long short-term memory over each sequence, in one direction or in both with their hidden states side by side.
public struct LSTMLayer: Module {
  public var forward: LSTMDirection
  /// Walks from the last token to the first.
  public var backward: LSTMDirection?
  /// Steps after which gradients are cut; nil: never.
  public let truncation: Int?

  /// A layer of `units` columns a direction.
  public init(
    inputDimension: Int, units: Int, isBidirectional: Bool, truncation: Int? = nil, key: RandomKey
  ) {
    forward = LSTMDirection(inputDimension: inputDimension, units: units, key: key.place(0))
    backward =
      isBidirectional
      ? LSTMDirection(inputDimension: inputDimension, units: units, key: key.place(1)) : nil
    self.truncation = truncation
  }

  /// [tokens, input] -> [tokens, units], or [tokens, 2 * units] in both directions
  public func callAsFunction(_ packed: PackedStates) -> PackedStates {
    var state = forward.initialState(rowCount: packed.layout.count)
    let ahead = forward(packed, state: &state, truncation: truncation)
    guard let backward else { return PackedStates(states: ahead, layout: packed.layout) }
    var reverseState = backward.initialState(rowCount: packed.layout.count)
    let behind = backward(packed, isReversed: true, state: &reverseState, truncation: truncation)
    return PackedStates(
      states: .concatenatingColumns([ahead, behind]), layout: packed.layout)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("forward", &forward)
    visit("backward", &backward)
  }
}
