// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import TestSupport
import Testing

@Suite("Rotary positions")
struct RotationTests {
  private func rotation(_ positions: [Int32], width: Int) -> RotaryPositions {
    RotaryPositions(positions, base: 100, headWidth: width, precision: .float64)
  }

  @Test("Turned states agree with PyTorch", arguments: ["10000", "160000"])
  func golden(_ base: String) throws {
    let golden = try GoldenCase("rotated \(base)", in: "Layers/operations.json")
    let positions = try golden.ids("positions")
    let bases = try golden.numbers("base")
    try golden.expectAgreement { tensors in
      tensors["x"].rotated(
        by: RotaryPositions(
          positions, base: bases[0], headWidth: 6, precision: tensors["x"].precision))
    }
  }

  @Test("Self-attention of turned queries and keys within a window agrees with PyTorch")
  func goldenSelfAttention() throws {
    let golden = try GoldenCase(
      "self-attention rotated and windowed", in: "Layers/operations.json")
    let layout = try golden.layout("lengths")
    try golden.expectAgreement { tensors in
      tensors["x"].selfAttention(
        query: (tensors["wq"], tensors["bq"]), key: (tensors["wk"], tensors["bk"]),
        value: (tensors["wv"], tensors["bv"]), layout,
        rotation: RotaryPositions(
          [0, 1, 2, 0, 0, 1, 2, 3, 4, 5], base: 100, headWidth: 4,
          precision: tensors["x"].precision),
        settings: AttentionSettings(headCount: 2, pattern: .window(radius: 2)))
    }
  }

  @Test("Derivatives, with head widths around a vector", arguments: [2, 6, 16, 18, 34])
  func derivatives(_ width: Int) throws {
    let turns = rotation([4, 0, 9], width: width)
    try expectGradients(of: ["x": .drawn([3, 2 * width], seed: 1)]) { $0["x"].rotated(by: turns) }
    try expectGradients(of: ["x": .drawn([0, width], seed: 1)]) {
      $0["x"].rotated(by: rotation([], width: width))
    }
  }

  @Test("Products of queries and keys depend on the distance of their positions alone")
  func distance() {
    let (query, key) = (Tensor.drawn([1, 8], seed: 1), Tensor.drawn([1, 8], seed: 2))
    func product(_ a: Int32, _ b: Int32) -> Double {
      let turned =
        query.rotated(by: rotation([a], width: 8)) * key.rotated(by: rotation([b], width: 8))
      return turned.sum().doubles[0]
    }
    for shift in [1, 7, 300] as [Int32] {
      #expect(abs(product(3, 8) - product(3 + shift, 8 + shift)) < 1e-5)
    }
    #expect(abs(product(3, 8) - product(8, 3)) > 1e-2)
  }

  @Test("Positions that continue earlier ones give the rows of the whole")
  func offsets() {
    let states = Tensor.drawn([7, 12], seed: 3)
    let whole = states.rotated(by: rotation(Array(0..<7), width: 6)).doubles
    let tail = states.rows([4, 5, 6]).rotated(by: rotation([4, 5, 6], width: 6)).doubles
    #expect(tail == Array(whole.suffix(36)))
  }
}
