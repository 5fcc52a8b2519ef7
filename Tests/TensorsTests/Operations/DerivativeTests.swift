// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import TestSupport
import Testing

/// Shapes with 0, 1, odd and full-vector counts of rows and columns.
private let shapes = [[0, 3], [1, 1], [1, 7], [3, 1], [5, 17], [4, 16]]

@Suite("Derivatives agree with central differences")
struct DerivativeTests {
  @Test("Arithmetic", arguments: shapes)
  func arithmetic(_ shape: [Int]) throws {
    let pair = ["a": Tensor.drawn(shape, seed: 1), "b": Tensor.drawn(shape, seed: 2)]
    try expectGradients(of: pair) { $0["a"] + $0["b"] }
    try expectGradients(of: pair) { $0["a"] - $0["b"] }
    try expectGradients(of: pair) { $0["a"] * $0["b"] }
    try expectGradients(of: pair) { $0["a"].scaled(by: -2.5) * $0["a"] + $0["b"] }
    try expectGradients(of: pair) { ($0["a"] * $0["b"]).sum() }
    try expectGradients(of: pair) {
      ($0["a"] * $0["b"]).reshaped([shape[1], shape[0]]).scaled(by: 3)
    }
    try expectGradients(of: pair) { $0["a"].transposed() * $0["b"].transposed() }
    let rows = ["a": Tensor.drawn(shape, seed: 1), "bias": Tensor.drawn([shape[1]], seed: 2)]
    try expectGradients(of: rows) { $0["a"].addingToRows($0["bias"]) }
  }

  @Test("Activations", arguments: Activation.allCases, shapes)
  func activations(_ activation: Activation, _ shape: [Int]) throws {
    try expectGradients(of: ["x": .drawn(shape, seed: 3, scale: 3)]) {
      $0["x"].activated(by: activation)
    }
  }

  @Test("Matrix products", arguments: [(0, 2, 3), (1, 1, 1), (1, 9, 4), (5, 1, 3), (7, 6, 5)])
  func products(_ m: Int, _ n: Int, _ k: Int) throws {
    try expectGradients(of: ["a": .drawn([m, k], seed: 1), "b": .drawn([k, n], seed: 2)]) {
      $0["a"].matmul($0["b"])
    }
    let linear = [
      "x": Tensor.drawn([m, k], seed: 1), "w": .drawn([n, k], seed: 2), "b": .drawn([n], seed: 3),
    ]
    try expectGradients(of: linear) { $0["x"].linear(weight: $0["w"], bias: $0["b"], then: .tanh) }
    try expectGradients(of: ["x": linear["x"], "w": linear["w"]].compactMapValues { $0 }) {
      $0["x"].linear(weight: $0["w"], bias: nil)
    }
  }

  @Test("Products that OpenBLAS computes on several tasks")
  func largeProducts() throws {
    let tensors = [
      "x": Tensor.drawn([200, 48], seed: 1), "w1": .drawn([96, 48], seed: 2, scale: 0.3),
      "b1": .drawn([96], seed: 3), "w2": .drawn([40, 96], seed: 4, scale: 0.3),
      "b2": .drawn([40], seed: 5),
    ]
    try expectGradients(of: tensors) {
      $0["x"].feedForward(
        expand: ($0["w1"], $0["b1"]), activation: .gelu, contract: ($0["w2"], $0["b2"]))
    }
  }

  @Test("Feed-forward nets without biases")
  func feedForwardWithoutBiases() throws {
    try expectGradients(
      of: [
        "x": .drawn([3, 5], seed: 1), "w1": .drawn([4, 5], seed: 2), "w2": .drawn([2, 4], seed: 3),
      ]
    ) {
      $0["x"].feedForward(expand: ($0["w1"], nil), activation: .silu, contract: ($0["w2"], nil))
    }
  }

  @Test("Rows of length 1", arguments: [[0, 3], [1, 7], [5, 17], [4, 16]])
  func unitRows(_ shape: [Int]) throws {
    try expectGradients(of: ["x": .drawn(shape, seed: 1)]) { $0["x"].rowsNormalized() }
  }

  @Test("A row of zeros has no direction and gets no gradient")
  func zeroRow() {
    #expect(Tensor.zeros([2, 3]).rowsNormalized().values == [0, 0, 0, 0, 0, 0])
  }

  @Test("Norms", arguments: [[0, 3], [1, 7], [5, 17], [4, 16], [6, 2]])
  func norms(_ shape: [Int]) throws {
    let tensors = [
      "x": Tensor.drawn(shape, seed: 1), "residual": .drawn(shape, seed: 2),
      "weight": .drawn([shape[1]], seed: 3), "bias": .drawn([shape[1]], seed: 4),
    ]
    let draw = DropoutDraw(rate: 0.25, key: RandomKey(seed: 5))
    try expectGradients(of: tensors) {
      $0["x"].layerNormalized(
        addedTo: $0["residual"], dropout: draw, weight: $0["weight"], bias: $0["bias"],
        epsilon: 1e-3)
    }
    let alone = tensors.filter { $0.key != "residual" }
    try expectGradients(of: alone) {
      $0["x"].layerNormalized(weight: $0["weight"], bias: $0["bias"], epsilon: 1e-3)
    }
    try expectGradients(of: alone.filter { $0.key != "bias" }) {
      $0["x"].layerNormalized(weight: $0["weight"], bias: nil, epsilon: 1e-3)
    }
    try expectGradients(of: alone) {
      $0["x"].batchNormalized(weight: $0["weight"], bias: $0["bias"], epsilon: 1e-3).result
    }
    let statistics = (
      mean: Tensor.drawn([shape[1]], seed: 6),
      variance: Tensor(doubles: (0..<shape[1]).map { 0.5 + Double($0) }, shape: [shape[1]])
    )
    try expectGradients(of: alone) {
      $0["x"].normalized(
        mean: statistics.mean, variance: statistics.variance, weight: $0["weight"],
        bias: $0["bias"], epsilon: 1e-3)
    }
  }

  @Test("Softmax and cross-entropy", arguments: [[0, 3], [1, 1], [3, 1], [5, 17], [4, 16]])
  func losses(_ shape: [Int]) throws {
    let logits = ["x": Tensor.drawn(shape, seed: 1, scale: 4)]
    try expectGradients(of: logits) { $0["x"].softmax() }
    try expectGradients(of: logits) { $0["x"].logSumExp() }
    let classes = (0..<shape[0]).map { Int32(($0 * 3) % (shape[1] + 1) - 1) }
    let targets = CrossEntropyTargets(
      classes, labelSmoothing: 0.1, weights: (0..<shape[0]).map { Float($0) * 0.5 })
    try expectGradients(of: logits) { $0["x"].crossEntropy(targets).scaled(by: 0.7) }
    let projected = [
      "x": Tensor.drawn([shape[0], 3], seed: 1), "table": .drawn([shape[1], 3], seed: 2),
      "bias": .drawn([shape[1]], seed: 3),
    ]
    try expectGradients(of: projected) {
      $0["x"].projectedCrossEntropy(table: $0["table"], bias: $0["bias"], targets).scaled(by: 0.7)
    }
    try expectGradients(of: projected.filter { $0.key != "bias" }) {
      $0["x"].projectedCrossEntropy(table: $0["table"], bias: nil, targets)
    }
  }

  @Test("Rows, embeddings and concatenations, with absent ids")
  func gathering() throws {
    try expectGradients(of: ["x": .drawn([4, 3], seed: 1)]) { $0["x"].rows([3, -1, 3, 0]) }
    try expectGradients(of: ["x": .drawn([4, 3], seed: 1)]) { $0["x"].rows([]) }
    try expectGradients(of: ["a": .drawn([4, 3], seed: 1), "b": .drawn([2, 3], seed: 2)]) {
      .embedding([(table: $0["a"], ids: [3, -1, 3, 0]), (table: $0["b"], ids: [1, 1, -1, 1])])
    }
    try expectGradients(of: ["a": .drawn([0, 3], seed: 1), "b": .drawn([2, 3], seed: 2)]) {
      .concatenatingRows([$0["a"], $0["b"], $0["a"], $0["b"]])
    }
    try expectGradients(of: ["a": .drawn([2, 1], seed: 1), "b": .drawn([2, 3], seed: 2)]) {
      .concatenatingColumns([$0["a"], $0["b"], $0["a"]])
    }
  }

  @Test("Pooling with empty sequences", arguments: [[3, 0, 1, 5], [0], [1], []])
  func pooling(_ lengths: [Int]) throws {
    let layout = SequenceLayout(lengths: lengths)
    let tensors = [
      "x": Tensor.drawn([layout.tokenCount, 5], seed: 1),
      "scores": .drawn([layout.tokenCount, 1], seed: 2),
    ]
    try expectGradients(of: tensors) { $0["x"].segmentWeighted(by: $0["scores"], layout) }
    let states = tensors.filter { $0.key == "x" }
    try expectGradients(of: states) { $0["x"].segmentMean(layout) }
    try expectGradients(of: states) { $0["x"].segmentMaximum(layout) }
  }

  @Test("Dropout, alone and added to a residual", arguments: shapes)
  func dropout(_ shape: [Int]) throws {
    let draw = DropoutDraw(rate: 0.4, key: RandomKey(seed: 8))
    let tensors = ["x": Tensor.drawn(shape, seed: 1), "residual": .drawn(shape, seed: 2)]
    try expectGradients(of: tensors) { $0["x"].dropped(draw) * $0["residual"] }
    try expectGradients(of: tensors) { $0["x"].dropped(draw, addedTo: $0["residual"]) }
    try expectGradients(of: tensors) { $0["x"].dropped(nil, addedTo: $0["residual"]) }
  }

  @Test(
    "LSTM with lengths 0 and 1", arguments: [[3, 0, 1, 5], [1], [0, 0], []], [false, true])
  func lstm(_ lengths: [Int], isReversed: Bool) throws {
    let layout = SequenceLayout(lengths: lengths)
    let time = TimeMajorLayout(layout, isReversed: isReversed)
    let units = 3
    let tensors = [
      "gates": Tensor.drawn([layout.tokenCount, 4 * units], seed: 1),
      "recurrent": .drawn([4 * units, units], seed: 2),
      "hidden": .drawn([lengths.count, units], seed: 3),
      "cell": .drawn([lengths.count, units], seed: 4),
    ]
    try expectGradients(of: tensors) {
      $0["gates"].lstm(
        recurrent: $0["recurrent"], initial: LSTMState(hidden: $0["hidden"], cell: $0["cell"]),
        over: time
      ).hidden
    }
  }
}
