// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import TestSupport
import Testing

@testable import AttuneRecipes

@Suite("Vectors of another length")
struct VectorProjectionTests {
  private func vectors(_ count: Int, deviations: [Float]) -> [[Float]] {
    let key = RandomKey(seed: 5)
    return (0..<count).map { row in
      deviations.enumerated().map { $1 * key.place(UInt64(row)).normal(at: UInt64($0)) }
    }
  }

  private func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  @Test("Into more numbers no length and no angle changes")
  func widens() {
    let vectors = vectors(6, deviations: [1, 2, 3, 4])
    let projection = VectorProjection(of: vectors, from: 4, to: 9, key: RandomKey(seed: 1))
    #expect(projection.keptShare == 1)
    let wide = vectors.map { projection($0) }
    #expect(wide.allSatisfy { $0.count == 9 })
    for (a, wideA) in zip(vectors, wide) {
      for (b, wideB) in zip(vectors, wide) { #expect(abs(dot(a, b) - dot(wideA, wideB)) < 1e-3) }
    }
  }

  @Test("Into fewer numbers it keeps the share of the largest deviations")
  func narrows() {
    let deviations: [Float] = [0.5, 4, 1, 3, 0.5, 0.5]
    let vectors = vectors(4_000, deviations: deviations)
    let projection = VectorProjection(of: vectors, from: 6, to: 2, key: RandomKey(seed: 1))
    // (16 + 9) / (16 + 9 + 1 + 3 / 4)
    #expect(abs(projection.keptShare - 25 / 26.75) < 0.01)
    // Turned by chance, neither number is the one of the largest deviation.
    let narrow = vectors.map { projection($0) }
    for column in 0..<2 {
      let variance = narrow.reduce(0) { $0 + $1[column] * $1[column] } / Float(narrow.count)
      #expect(variance > 9.05 && variance < 15.95)
    }
  }

  @Test("Vectors that lie in a plane lose nothing in two numbers")
  func plane() {
    let vectors = vectors(50, deviations: [1, 2]).map { [$0[0], $0[1], $0[0] + $0[1], 0, -$0[0]] }
    let projection = VectorProjection(of: vectors, from: 5, to: 2, key: RandomKey(seed: 2))
    #expect(abs(projection.keptShare - 1) < 1e-9)
    for (a, b) in zip(vectors, vectors.dropFirst()) {
      #expect(abs(dot(a, b) - dot(projection(a), projection(b))) < 1e-4)
    }
  }

  @Test("Of equal width everything stays as it is")
  func same() {
    let projection = VectorProjection(of: [], from: 3, to: 3, key: RandomKey(seed: 2))
    #expect(projection([1, 2, 3]) == [1, 2, 3] && projection.keptShare == 1)
  }
}
