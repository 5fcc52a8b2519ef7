// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import AttuneTensors

@Suite("Maximum inner product search")
struct MaximumInnerProductSearchTests {
  private static let (rowCount, columnCount) = (700, 64)

  /// Rows of very different lengths, and behind them copies that differ by a rounding, or not at all.
  private var table: [Float] {
    let drawn = Tensor.drawn([Self.rowCount / 2, Self.columnCount], seed: 1).values
    let half = drawn.indices.map { index -> Float in
      let row = index / Self.columnCount
      return drawn[index] * [1, 1.01, 0.3, 1e-3, 1][row % 5]
    }
    let copies = half.indices.map { index -> Float in
      let (row, column) = (index / Self.columnCount, index % Self.columnCount)
      return row.isMultiple(of: 3) && column == 7 ? half[index].nextUp : half[index]
    }
    return half + copies
  }

  private let vectors = Tensor.drawn([90, columnCount], seed: 2).converted(to: .float32)
  private let bias = Tensor.drawn([rowCount], seed: 3, scale: 0.5).converted(to: .float32)

  private func weight(_ values: [Float]) -> Weight {
    Weight(Tensor(values, shape: [Self.rowCount, Self.columnCount])).packed(as: .float32)
  }

  /// The first of the largest sums, all of which are computed.
  private func expected(_ vectors: Tensor, _ weight: Weight, _ bias: Tensor?) -> [Int32?] {
    let sums = vectors.linear(weight, bias: bias).values
    return (0..<vectors.rowCount).map { vector in
      var best: Int32?
      var largest = -Float.infinity
      for row in 0..<Self.rowCount where sums[vector * Self.rowCount + row] > largest {
        (best, largest) = (Int32(row), sums[vector * Self.rowCount + row])
      }
      return best
    }
  }

  @Test("It names the row that computing all products names, for any number of threads")
  func sameRows() throws {
    for (values, bias) in [(table, bias), (table, nil), (table.map { $0 * 1e-20 }, bias)] {
      let weight = weight(values)
      let search = try #require(MaximumInnerProductSearch(weight, bias: bias))
      let expected = expected(vectors, weight, bias)
      #expect(Set(expected).count > (values[0] == table[0] ? 5 : 0))
      #expect(search(vectors) == expected)
      #expect(search(vectors.rows([17])) == [expected[17]])
    }
  }

  @Test("Excluded rows are never named, and no row where all are excluded")
  func exclusion() throws {
    let weight = weight(table)
    let search = try #require(MaximumInnerProductSearch(weight, bias: bias))
    var excluded = Set<Int32>()
    for _ in 0..<4 {
      excluded.formUnion(search.excluding(excluded)(vectors).compactMap { $0 })
      var values = bias.values
      for row in excluded { values[Int(row)] = -.infinity }
      let rest = Tensor(values, shape: [Self.rowCount])
      #expect(search.excluding(excluded)(vectors) == expected(vectors, weight, rest))
    }
    #expect(search.excluding(0..<Int32(Self.rowCount))(vectors).allSatisfy { $0 == nil })
  }

  @Test("Numbers that are not finite are treated as they are where all products are computed")
  func notFinite() throws {
    for wrong in [Float.nan, .infinity, -.infinity] {
      var values = vectors.values
      values[3] = wrong
      let vectors = Tensor(values, shape: vectors.shape)
      let weight = weight(table)
      let search = try #require(MaximumInnerProductSearch(weight, bias: bias))
      #expect(search(vectors) == expected(vectors, weight, bias))
      var rows = table
      rows[5 * Self.columnCount] = wrong
      let spoilt = self.weight(rows)
      let other = try #require(MaximumInnerProductSearch(spoilt, bias: bias))
      #expect(other(self.vectors) == expected(self.vectors, spoilt, bias))
    }
  }

  @Test("Only matrices that are packed in Float32 and worth it are searched")
  func formats() {
    let (large, small) = (weight(table), Weight(Tensor.drawn([40, 40], seed: 1)))
    #expect(MaximumInnerProductSearch(large.packed(as: .int8), bias: nil) == nil)
    #expect(MaximumInnerProductSearch(Weight(large.values), bias: nil) == nil)
    #expect(MaximumInnerProductSearch(small.packed(as: .float32), bias: nil) == nil)
  }
}
