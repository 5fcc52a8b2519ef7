// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import AttuneTensors

@Suite("Packed weights")
struct WeightTests {
  private func float(_ shape: [Int], _ seed: UInt64) -> Tensor {
    .drawn(shape, seed: seed).converted(to: .float32)
  }

  @Test(
    "A packed weight gives what the plain one gives",
    arguments: [(1, 1, 1), (3, 7, 5), (1, 64, 48), (130, 33, 65), (200, 96, 64)])
  func packedEqualsPlain(rows: Int, output: Int, input: Int) {
    let (x, bias) = (float([rows, input], 1), float([output], 2))
    let weight = Weight(float([output, input], 3))
    let packed = weight.packed(as: .float32)
    #expect(packed.isPacked && !weight.isPacked)
    for activation in Activation.allCases {
      let expected = x.linear(weight, bias: bias, then: activation)
      let found = x.linear(packed, bias: bias, then: activation)
      #expect(relativeDistance(found.doubles, expected.doubles) < 1e-6, "\(activation)")
    }
    let (expected, found) = (x.linear(weight, bias: nil), x.linear(packed, bias: nil))
    #expect(relativeDistance(found.doubles, expected.doubles) < 1e-6)
  }

  @Test("A row's bits do not depend on the batch")
  func rowsAreIndependent() {
    let x = float([211, 100], 1)
    let weight = Weight(float([130, 100], 2)).packed(as: .float32)
    let whole = x.linear(weight, bias: nil, then: .gelu)
    for row in [0, 1, 5, 100, 210] {
      let alone = x.rows([Int32(row)]).linear(weight, bias: nil, then: .gelu)
      #expect(alone.values == whole.rows([Int32(row)]).values)
    }
  }

  @Test("Any write drops the packing")
  func writesDropPacking() {
    let packed = Weight(float([4, 3], 1)).packed(as: .float32)
    var assigned = packed
    assigned.values.assign([Float](repeating: 0, count: 12))
    #expect(!assigned.isPacked && packed.isPacked)
    var replaced = packed
    replaced.values = float([4, 3], 2)
    #expect(!replaced.isPacked)
    var touched = packed
    touched.values.withMutableStorage { _ in }
    #expect(!touched.isPacked)
  }

  @Test("A tracked operand goes past the packing, so that its gradient is recorded")
  func trackedOperands() {
    let weight = Weight(float([4, 3], 1)).packed(as: .float32)
    let (x, bias) = (float([2, 3], 2), float([4], 3))
    #expect(x.tracked(as: "x").linear(weight, bias: bias).isTracked)
    #expect(x.linear(weight, bias: bias.tracked(as: "b")).isTracked)
    #expect(!x.linear(weight, bias: bias).isTracked)
  }
}
