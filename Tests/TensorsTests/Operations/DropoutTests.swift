// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import TestSupport
import Testing

@Suite("Dropout")
struct DropoutTests {
  private let draw = DropoutDraw(rate: 0.3, key: RandomKey(seed: 4))

  @Test("The derivative uses the mask of the forward pass, across chunks")
  func sameMask() throws {
    let ones = Tensor(repeating: 1, shape: [300, 301])
    var output: [Float] = []
    let gradients = ones.tracked(as: "x").dropped(draw).collect(into: &output).sum().gradients()
    let gradient = try #require(gradients["x"]).dense(shape: ones.shape).values
    #expect(gradient == output)
  }

  @Test("The kept share is 1 - rate, and what is kept is scaled by its inverse")
  func keptShare() {
    let count = 400_000
    let output = Tensor(repeating: 1, shape: [count]).dropped(draw).values
    let kept = output.filter { $0 != 0 }
    #expect(kept.allSatisfy { abs($0 - 1 / 0.7) < 1e-6 })
    // Five standard deviations of a binomial share.
    let allowance = 5 * (0.3 * 0.7 / Double(count)).squareRoot()
    #expect(abs(Double(kept.count) / Double(count) - 0.7) < allowance)
  }

  @Test("The mean over draws is the input")
  func expectation() {
    let x: [Float] = [1, -2, 0.5, 4]
    var sums = [Double](repeating: 0, count: x.count)
    let draws = 20_000
    for index in 0..<draws {
      let draw = DropoutDraw(rate: 0.3, key: RandomKey(seed: 4).place(UInt64(index)))
      for (column, value) in Tensor(x).dropped(draw).values.enumerated() {
        sums[column] += Double(value)
      }
    }
    for (sum, value) in zip(sums, x) {
      #expect(abs(sum / Double(draws) - Double(value)) < 0.025 * abs(Double(value)))
    }
  }

  @Test("The fused norm and sum draw the mask of plain dropout")
  func fusedMasks() {
    let (x, residual) = (Tensor.drawn([9, 37], seed: 1), Tensor.drawn([9, 37], seed: 2))
    let weight = Tensor(repeating: 1, shape: [37], precision: .float64)
    let sum = residual + x.dropped(draw)
    #expect(x.dropped(draw, addedTo: residual).doubles == sum.doubles)
    let fused = x.layerNormalized(
      addedTo: residual, dropout: draw, weight: weight, bias: nil, epsilon: 1e-5)
    let plain = sum.layerNormalized(weight: weight, bias: nil, epsilon: 1e-5)
    #expect(relativeDistance(fused.doubles, plain.doubles) < 1e-14)
  }

  @Test("Attention weights are dropped at their rate, with other draws for every head and query")
  func attentionWeights() {
    let count = 200
    let layout = SequenceLayout(lengths: [count, count])
    let zeros = Tensor.zeros([2 * count, 2])
    let ones = Tensor(repeating: 1, shape: [2 * count, 2])
    let output = Tensor.attention(
      queries: zeros, layout, keys: zeros, values: ones, layout,
      settings: AttentionSettings(headCount: 2, dropout: draw)
    ).values
    // Equal weights: each output is the kept share of its row, scaled.
    let mean = output.reduce(0, +) / Float(output.count)
    #expect(abs(mean - 1) < 0.01)
    #expect(Set(output).count > 20)
    #expect(output[0..<2 * count] != output[(2 * count)...])
    let heads = (0..<2).map { head in stride(from: head, to: output.count, by: 2).map { output[$0] }
    }
    #expect(heads[0] != heads[1])
  }
}

extension Tensor {
  /// Writes the values out and passes the tensor on.
  fileprivate func collect(into values: inout [Float]) -> Tensor {
    values = self.values
    return self
  }
}
