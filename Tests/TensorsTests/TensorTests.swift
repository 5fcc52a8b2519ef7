// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import AttuneTensors

@Suite("Tensors are values")
struct TensorTests {
  @Test("Writing to the only holder copies nothing; writing to a shared one copies once")
  func copyOnWrite() {
    var parameter = Tensor([1, 2, 3])
    let own = parameter.identity
    for _ in 0..<3 { parameter.withMutableStorage { _ in } }
    #expect(parameter.identity == own)
    let snapshot = parameter
    let before = Tensor.writeCopyCount
    parameter.assign([4, 5, 6])
    // Other tests may copy meanwhile: the count is one for the process.
    #expect(Tensor.writeCopyCount > before)
    #expect(parameter.identity != own)
    #expect(snapshot.values == [1, 2, 3])
    #expect(parameter.values == [4, 5, 6])
  }

  @Test("A parameter can be written in place after its gradients were taken")
  func updateAfterBackward() throws {
    var parameters = [Tensor.drawn([4, 3], seed: 1), Tensor.drawn([4], seed: 2)]
    let x = Tensor.drawn([5, 3], seed: 3)
    let own = parameters.map(\.identity)
    for _ in 0..<2 {
      let gradients = x.linear(
        weight: parameters[0].tracked(as: "w"), bias: parameters[1].tracked(as: "b"), then: .gelu
      ).sum().gradients()
      #expect(gradients.byName.count == 2)
      for index in parameters.indices { parameters[index].withMutableStorage { _ in } }
    }
    #expect(parameters.map(\.identity) == own)
  }

  @Test("Conversion goes both ways without loss from Float32, and shares nothing")
  func conversion() {
    let tensor = Tensor([1.5, -0.1, 3e-20, .infinity], shape: [2, 2])
    var double = tensor.converted(to: .float64)
    #expect(double.precision == .float64)
    #expect(double.converted(to: .float32).values == tensor.values)
    double.assign([0, 0, 0, 0])
    #expect(tensor.values == [1.5, -0.1, 3e-20, .infinity])
  }

  @Test("Shapes: rows are all axes but the last; a single number has none")
  func shapes() {
    let cube = Tensor.zeros([2, 3, 4])
    #expect((cube.rowCount, cube.columnCount, cube.count) == (6, 4, 24))
    let number = Tensor(scalar: 3)
    #expect((number.rowCount, number.columnCount, number.scalar) == (1, 1, 3))
    #expect(Tensor.zeros([0, 5]).values.isEmpty)
  }

  @Test("Bytes in, bytes out")
  func bytes() {
    let values: [Float] = [1, -2, 0.25]
    let tensor = values.withUnsafeBytes { Tensor(float32Bytes: $0, shape: [3]) }
    #expect(tensor.values == values)
    #expect(tensor.withUnsafeBytes { Array($0) } == values.withUnsafeBytes { Array($0) })
  }

  @Test("Size classes hold what is asked and waste at most a quarter")
  func sizeClasses() {
    for wanted in Array(0...5000) + [1 << 20, (1 << 20) + 1, 999_999_937] {
      let capacity = BufferPool.capacity(for: wanted)
      #expect(capacity >= wanted)
      #expect(capacity <= max(512, wanted + wanted / 4 + 1))
      #expect(BufferPool.capacity(for: capacity) == capacity)
    }
  }
}
