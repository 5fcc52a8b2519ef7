// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import Testing

@Suite("Positions")
struct PositionalEncodingTests {
  @Test("Waves: sine in even columns, cosine in odd ones (closed form)")
  func waves() {
    let table = SinusoidalPositions.table(count: 3, dimension: 4).values
    #expect(Array(table[0..<4]) == [0, 1, 0, 1])
    // sin 1, cos 1, sin 0.01, cos 0.01
    let first: [Float] = [0.841470985, 0.540302306, 0.00999983333, 0.999950000]
    #expect(zip(table[4..<8], first).allSatisfy { abs($0 - $1) < 1e-7 })
  }

  @Test("Every sequence counts from the first position")
  func positions() {
    let layout = SequenceLayout(lengths: [2, 0, 3])
    #expect(layout.positions() == [0, 1, 0, 1, 2])
    #expect(layout.positions(from: 4) == [4, 5, 4, 5, 6])
  }
}
