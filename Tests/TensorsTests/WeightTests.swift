// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import AttuneTensors

@Suite("Packed weights")
struct WeightTests {
  private func float(_ shape: [Int], _ seed: UInt64) -> Tensor {
    .drawn(shape, seed: seed).converted(to: .float32)
  }

  /// How far results may be off, in units of their length: what rounding both factors at random gives, twice over.
  private static let tolerances: [(PackedMatrix.Format, Double)] = [
    (.float32, 1e-6), (.bfloat16, 0x1p-7), (.int16, 0x1p-10), (.int8, 0x1p-5),
  ]

  @Test(
    "A packed weight gives what the plain one gives, to the precision of its format",
    arguments: [(1, 1, 1), (3, 7, 5), (1, 64, 48), (130, 33, 65), (200, 96, 64)], tolerances)
  func packedEqualsPlain(
    _ size: (rows: Int, output: Int, input: Int), _ format: (PackedMatrix.Format, Double)
  ) {
    let (x, bias) = (float([size.rows, size.input], 1), float([size.output], 2))
    let weight = Weight(float([size.output, size.input], 3))
    let packed = weight.packed(as: format.0)
    #expect(packed.isPacked && !weight.isPacked && packed.packed?.format == format.0)
    for activation in Activation.allCases {
      let expected = x.linear(weight, bias: bias, then: activation)
      let found = x.linear(packed, bias: bias, then: activation)
      #expect(relativeDistance(found.doubles, expected.doubles) < format.1, "\(activation)")
    }
    let (expected, found) = (x.linear(weight, bias: nil), x.linear(packed, bias: nil))
    #expect(relativeDistance(found.doubles, expected.doubles) < format.1)
  }

  @Test(
    "A row's bits depend neither on the batch nor on the number of threads",
    arguments: PackedMatrix.Format.allCases)
  func rowsAreIndependent(_ format: PackedMatrix.Format) {
    let x = float([211, 300], 1)
    let weight = Weight(float([330, 300], 2)).packed(as: format)
    let wholes = ThreadSweep.bytes { [x.linear(weight, bias: nil, then: .gelu)] }
    #expect(Set(wholes).count == 1)
    let whole = x.linear(weight, bias: nil, then: .gelu)
    for rows in [[0], [1], [5, 100], [210], Array(30...60)] {
      let rows = rows.map { Int32($0) }
      let parts = ThreadSweep.bytes { [x.rows(rows).linear(weight, bias: nil, then: .gelu)] }
      let expected = whole.rows(rows).withUnsafeBytes { Array($0) }
      #expect(parts.allSatisfy { $0 == [expected] }, "\(rows)")
    }
  }

  @Test("A weight that is packed only has the values of its format")
  func packedOnly() {
    let matrix = float([37, 41], 1)
    for (format, tolerance) in Self.tolerances {
      var weight = Weight(matrix).packed(as: format, keepsValues: false)
      #expect(weight.isPacked && weight.outputCount == 37 && weight.inputCount == 41)
      #expect(relativeDistance(weight.values.doubles, matrix.doubles) < tolerance)
      let x = float([3, 41], 2)
      let (packed, plain) = (
        x.linear(weight, bias: nil), x.linear(weight: weight.values, bias: nil)
      )
      #expect(relativeDistance(packed.doubles, plain.doubles) < tolerance)
      weight.values.withMutableStorage { _ in }
      #expect(!weight.isPacked && weight.outputCount == 37)
      #expect(relativeDistance(weight.values.doubles, matrix.doubles) < tolerance)
    }
  }

  @Test("Quantised rows have a scale each, and come back as they were packed")
  func quantized() {
    let matrix = Tensor([1, -2, 0.5, 0, 0, 0, 127, -126.4, 0.6], shape: [3, 3])
    let quantized = QuantizedMatrix(matrix)
    #expect(quantized.integers == [64, -127, 32, 0, 0, 0, 127, -126, 1])
    #expect(abs(quantized.scales[0] - 2 / 127) < 1e-8 && quantized.scales[2] == 1)
    #expect(quantized.values.values.suffix(3) == [127, -126, 1])
    #expect(PackedMatrix(quantized).quantized == quantized)
    let large = QuantizedMatrix(float([70, 133], 1))
    #expect(PackedMatrix(large).quantized == large)
    #expect(PackedMatrix(matrix, format: .int16).quantized == nil)
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
