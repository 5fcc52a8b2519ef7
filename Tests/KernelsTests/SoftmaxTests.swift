// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Foundation
import Testing

extension KernelTests {
  @Test("Softmax and its gradient", arguments: Level.ofFloats)
  func softmax(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths.dropFirst() {
      checkSoftmax(Float.self, columns)
      checkSoftmax(Double.self, columns)
    }
  }

  private func checkSoftmax<Element: KernelNumber>(_: Element.Type, _ columns: Int) {
    let rows = 3
    var numbers = Numbers(seed: UInt64(columns))
    let x: [Element] = numbers.array(rows * columns, scale: 200)
    let gradient: [Element] = numbers.array(rows * columns)
    var (result, backward) = (x, x)
    attune_softmax(Element.precision, -0.3, x, &result, rows, columns)
    attune_softmax_backward(Element.precision, result, gradient, &backward, rows, columns)
    for r in 0..<rows {
      let range = r * columns..<(r + 1) * columns
      let scaled = x[range].map { Double($0) * -0.3 }
      let most = scaled.max() ?? 0
      let powers = scaled.map { exp($0 - most) }
      let total = powers.reduce(0, +)
      let p = powers.map { $0 / total }
      expectClose(Array(result[range]), p, tolerance: Element.tolerance * 3)
      let g = gradient[range].map { Double($0) }
      let mean = zip(p, g).reduce(0) { $0 + $1.0 * $1.1 }
      expectClose(
        Array(backward[range]), zip(p, g).map { $0 * ($1 - mean) }, tolerance: Element.tolerance * 3
      )
    }
  }

  @Test(
    "Log of the sum of exponentials, also of huge, hidden and broken rows",
    arguments: Level.ofFloats)
  func logSumExp(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths.dropFirst() {
      var numbers = Numbers(seed: UInt64(columns))
      let base: [Float] = numbers.array(columns, scale: 5)
      let rows: [[Float]] = [
        base, base.map { $0 + 10000 }, base.map { _ in -Float.infinity },
        [.infinity] + base.dropFirst(), Array(base.dropLast()) + [.nan],
        base.map { _ in .nan }, [-.infinity] + base.dropFirst(),
      ]
      var result = [Float](repeating: 0, count: rows.count)
      let flat = Array(rows.map { $0 + [99] as [Float] }.joined())
      attune_log_sum_exp(ATTUNE_FLOAT32, flat, columns + 1, &result, rows.count, columns)
      let expected = rows.map { row in
        let most = row.map { Double($0) }.max() ?? 0
        let shift = most.isFinite ? most : 0
        return shift + log(row.reduce(0) { $0 + exp(Double($1) - shift) })
      }
      expectClose(result, expected, "columns \(columns)")
    }
  }

  @Test("Cross-entropy and its gradient", arguments: Level.ofFloats)
  func crossEntropy(level: Level) {
    level.use()
    defer { Level.leave() }
    for columns in Self.lengths.dropFirst() {
      for smoothing in [0, 0.1] {
        checkCrossEntropy(Float.self, columns, smoothing)
        checkCrossEntropy(Double.self, columns, smoothing)
      }
    }
  }

  private func checkCrossEntropy<Element: KernelNumber>(
    _: Element.Type, _ columns: Int, _ smoothing: Double
  ) {
    let (rows, leading) = (4, columns + 1)
    var numbers = Numbers(seed: UInt64(columns))
    var logits: [Element] = numbers.array(rows * leading, scale: 4)
    let weights: [Element] = numbers.array(rows)
    var targets = numbers.indices(rows, below: columns)
    targets[2] = -1
    var sums = [Element](repeating: 0, count: rows)
    var losses = sums
    attune_log_sum_exp(Element.precision, logits, leading, &sums, rows, columns)
    attune_cross_entropy(
      Element.precision, logits, leading, sums, targets, smoothing, weights, &losses, rows, columns)
    var (expected, slopes) = ([Double](), logits.map { Double($0) })
    for r in 0..<rows {
      let row = (0..<columns).map { Double(logits[r * leading + $0]) }
      let total = row.reduce(0) { $0 + exp($1) }
      var loss = 0.0
      for c in 0..<columns {
        let wanted = smoothing / Double(columns) + (c == targets[r] ? 1 - smoothing : 0)
        let weight = targets[r] < 0 ? 0 : Double(weights[r])
        loss -= weight * wanted * log(exp(row[c]) / total)
        slopes[r * leading + c] = 2.5 * weight * (exp(row[c]) / total - wanted)
      }
      expected.append(loss)
    }
    expectClose(losses, expected, tolerance: Element.tolerance * 3)
    attune_cross_entropy_backward(
      Element.precision, &logits, leading, sums, targets, smoothing, weights, 2.5, rows, columns)
    expectClose(logits, slopes, tolerance: Element.tolerance * 3)
  }

  @Test("Cross-entropy without smoothing looks at the target alone", arguments: Level.ofFloats)
  func crossEntropyOfHiddenLogits(level: Level) {
    level.use()
    defer { Level.leave() }
    var logits: [Float] = [0, -.infinity, 1]
    var losses: [Float] = [0]
    let sum: [Float] = [Float(log(1 + exp(1.0)))]
    attune_cross_entropy(ATTUNE_FLOAT32, logits, 3, sum, [2], 0, nil, &losses, 1, 3)
    expectClose(losses, [log(1 + exp(1.0)) - 1])
    attune_cross_entropy_backward(ATTUNE_FLOAT32, &logits, 3, sum, [2], 0, nil, 1, 1, 3)
    let p = 1 / (1 + exp(1.0))
    expectClose(logits, [p, 0, -p])
  }
}
