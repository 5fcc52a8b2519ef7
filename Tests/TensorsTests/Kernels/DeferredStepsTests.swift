// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import AttuneTensors

@Suite("Steps of rows that a gradient leaves out")
struct DeferredStepsTests {
  /// A table with its moments, along gradients that name some rows or write out all.
  private struct Table {
    var parameter: Tensor
    var first: Tensor
    var second: Tensor

    init(_ shape: [Int], _ precision: Precision) {
      parameter = .drawn(shape, seed: 3).converted(to: precision)
      first = .zeros(shape, precision: precision)
      second = .zeros(shape, precision: precision)
    }

    /// The rates differ, so that the order of the steps shows.
    mutating func descend(along gradient: Gradient, step: Int, epsilon: Double = 1e-8) {
      parameter.descend(
        along: gradient, firstMoment: &first, secondMoment: &second,
        AdamWStep(
          learningRate: 0.01 / Double(1 + step % 7), beta1: 0.9, beta2: 0.99, epsilon: epsilon,
          weightDecay: 0.1, gradientScale: 0.5, number: step + 1))
    }

    var all: [[Double]] { [parameter, first, second].map(\.doubles) }
  }

  private static let shape = [60, 19]

  /// Some rows, rising; rows from 40 on are never named.
  private func gradient(step: Int, precision: Precision) -> Gradient {
    let rows = (0..<40).filter { ($0 * 7 + step * step * 5) % 11 == 0 }.map { Int32($0) }
    return .rows(
      rows,
      .drawn([rows.count, Self.shape[1]], seed: UInt64(step + 10)).converted(to: precision))
  }

  @Test(
    "They have the bits of gradients that are written out, on any number of threads",
    arguments: [Precision.float32, .float64])
  func equalDense(precision: Precision) {
    let runs = ThreadSweep.results {
      var (byRows, dense) = (Table(Self.shape, precision), Table(Self.shape, precision))
      for step in 0..<75 {
        let gradient = gradient(step: step, precision: precision)
        byRows.descend(along: gradient, step: step)
        dense.descend(along: .dense(gradient.dense(shape: Self.shape)), step: step)
        if step.isMultiple(of: 3) {
          let ids = [Int32(step % 60), 5, -1, 59, 5]
          #expect(byRows.parameter.rows(ids).doubles == dense.parameter.rows(ids).doubles)
        }
        if step == 40 { #expect(byRows.all == dense.all) }
      }
      #expect(byRows.all == dense.all)
      return byRows.all
    }
    #expect(Set(runs).count == 1)
  }

  @Test("Without an epsilon a row that never had a gradient is no number, as when written out")
  func withoutEpsilon() {
    var table = Table(Self.shape, .float32)
    for step in 0..<2 {
      table.descend(
        along: gradient(step: step, precision: .float32), step: step, epsilon: 0)
    }
    #expect(table.parameter.rows([59]).values.allSatisfy { $0.isNaN })
  }

  @Test("A copy keeps what it was, and a copied moment goes on apart")
  func copies() {
    var (byRows, dense) = (Table(Self.shape, .float32), Table(Self.shape, .float32))
    var saved: [Tensor] = []
    var expected: [[Double]] = []
    for step in 0..<6 {
      let gradient = gradient(step: step, precision: .float32)
      byRows.descend(along: gradient, step: step)
      dense.descend(along: .dense(gradient.dense(shape: Self.shape)), step: step)
      saved.append(step.isMultiple(of: 2) ? byRows.parameter : byRows.second)
      expected.append(step.isMultiple(of: 2) ? dense.parameter.doubles : dense.second.doubles)
    }
    #expect(byRows.all == dense.all)
    #expect(saved.map(\.doubles) == expected)
  }

  @Test("A parameter that outlives its moments has made its steps")
  func outlivesMoments() {
    func moved(byRows: Bool) -> Tensor {
      var table = Table(Self.shape, .float32)
      for step in 0..<4 {
        let gradient = gradient(step: step, precision: .float32)
        table.descend(
          along: byRows ? gradient : .dense(gradient.dense(shape: Self.shape)), step: step)
      }
      return table.parameter
    }
    #expect(moved(byRows: true).values == moved(byRows: false).values)
  }

  @Test("A row that is cleared stays clear")
  func clears() {
    var table = Table(Self.shape, .float32)
    table.descend(along: gradient(step: 0, precision: .float32), step: 0)
    table.parameter.clear(row: 59)
    #expect(table.parameter.rows([59]).values.allSatisfy { $0 == 0 })
    #expect(table.parameter.values.suffix(19).allSatisfy { $0 == 0 })
  }

  @Test("A step writes neither parameter nor moments anew")
  func copiesNothing() {
    var table = Table(Self.shape, .float32)
    table.descend(along: gradient(step: 0, precision: .float32), step: 0)
    let identities = [table.parameter, table.first, table.second].map(\.identity)
    for step in 1..<40 {
      table.descend(along: gradient(step: step, precision: .float32), step: step)
    }
    #expect([table.parameter, table.first, table.second].map(\.identity) == identities)
  }
}
