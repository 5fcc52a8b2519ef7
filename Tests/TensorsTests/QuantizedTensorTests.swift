// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import AttuneTensors

@Suite("Tables of 8-bit integers")
struct QuantizedTensorTests {
  let matrix = QuantizedMatrix(.drawn([50, 33], seed: 5).converted(to: .float32))

  @Test("Looked up, rows are those of the numbers, and the table stays integers")
  func lookUp() {
    let (table, numbers) = (Tensor(quantized: matrix), matrix.values)
    let other = Tensor.drawn([7, 33], seed: 6).converted(to: .float32)
    for ids in [[], [49], [0, 3, 3, -1, 49, 20], (0..<400).map { Int32($0 % 50) }] as [[Int32]] {
      let otherIDs = ids.map { max($0, 0) % 7 }
      #expect(table.rows(ids).values == numbers.rows(ids).values)
      #expect(
        Tensor.embedding([(other, otherIDs), (table, ids)]).values
          == Tensor.embedding([(other, otherIDs), (numbers, ids)]).values)
    }
    #expect(table.quantized == matrix)
  }

  @Test("Every other use finds the numbers, in either precision")
  func numbers() {
    let expected = zip(matrix.integers, matrix.integers.indices).map {
      Float($0) * matrix.scales[$1 / 33]
    }
    #expect(Tensor(quantized: matrix).values == expected)
    #expect(Tensor(quantized: matrix).reshaped([33, 50]).values == expected)
    #expect(
      Tensor(quantized: matrix).converted(to: .float64).doubles == expected.map { Double($0) })
  }

  @Test("A write makes numbers of it; what shares them stays")
  func write() {
    let shared = Tensor(quantized: matrix)
    var written = shared
    written.assign([Float](repeating: 2, count: shared.count))
    #expect(written.quantized == nil && written.rows([4]).values.allSatisfy { $0 == 2 })
    #expect(shared.values == matrix.values.values)
    var alone = Tensor(quantized: matrix)
    alone.withMutableStorage { $0.assumingMemoryBound(to: Float.self)[0] = 9 }
    #expect(alone.quantized == nil && alone.rows([0]).values[0] == 9)
    #expect(alone.rows([1]).values == matrix.values.rows([1]).values)
  }

  @Test("Several threads that ask first find the same numbers")
  func race() {
    for _ in 0..<20 {
      let (table, blank) = (Tensor(quantized: matrix), Tensor.blank([50, 33]))
      let pairs = Parallel.map(16, chunk: 1) { _ in (table.values, blank.values) }
      #expect(pairs.allSatisfy { $0.0 == pairs[0].0 && $0.1.allSatisfy { $0 == 0 } })
    }
  }

  @Test("Rows can be taken apart")
  func parts() {
    let part = matrix.rows(10..<30)
    #expect(part.values.values == matrix.values.rows((10..<30).map { Int32($0) }).values)
  }
}
