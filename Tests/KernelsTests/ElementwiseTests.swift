// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Testing

extension KernelTests {
  @Test("Arithmetic element by element", arguments: Level.ofFloats)
  func arithmetic(level: Level) {
    level.use()
    defer { Level.leave() }
    for count in Self.lengths {
      checkArithmetic(Float.self, count)
      checkArithmetic(Double.self, count)
    }
  }

  private func checkArithmetic<Element: KernelNumber>(_: Element.Type, _ count: Int) {
    let precision = Element.precision
    var numbers = Numbers(seed: UInt64(count))
    let a: [Element] = numbers.array(count)
    let b: [Element] = numbers.array(count)
    var result = [Element](repeating: 7, count: count + 1)
    attune_add(precision, a, b, &result, count)
    expectClose(result, zip(a, b).map { Double($0) + Double($1) } + [7])
    attune_multiply(precision, a, b, &result, count)
    expectClose(result, zip(a, b).map { Double($0) * Double($1) } + [7])
    attune_scale(precision, -2.5, a, &result, count)
    expectClose(result, a.map { Double($0) * -2.5 } + [7])
    var sum = b + [7]
    attune_add_scaled(precision, 0.75, a, &sum, count)
    expectClose(sum, zip(a, b).map { 0.75 * Double($0) + Double($1) } + [7])
    attune_fill(precision, &result, 1.5, count)
    expectClose(result, [Double](repeating: 1.5, count: count) + [7])
  }

  @Test("Sums over all elements", arguments: Level.ofFloats)
  func sums(level: Level) {
    level.use()
    defer { Level.leave() }
    for count in Self.lengths + [4095, 4096, 9001] {
      checkSums(Float.self, count)
      checkSums(Double.self, count)
    }
  }

  private func checkSums<Element: KernelNumber>(_: Element.Type, _ count: Int) {
    var numbers = Numbers(seed: UInt64(count))
    let a: [Element] = numbers.array(count)
    let b: [Element] = numbers.array(count)
    let wide = a.map { Double($0) }
    let products = zip(a, b).map { Double($0) * Double($1) }
    let sums = [
      attune_sum(Element.precision, a, count), attune_sum_of_squares(Element.precision, a, count),
      attune_dot(Element.precision, a, b, count),
    ]
    // Float sums too are formed in double.
    let expected = [
      wide.reduce(0, +), wide.reduce(0) { $0 + $1 * $1 }, products.reduce(0, +),
    ]
    expectClose(sums, expected, tolerance: 1e-12)
  }

  @Test("NaN and infinity pass through sums", arguments: Level.ofFloats)
  func sumsOfSpecialValues(level: Level) {
    level.use()
    defer { Level.leave() }
    for place in [0, 5, 32, 36] {
      var values = [Float](repeating: 1, count: 37)
      values[place] = .infinity
      #expect(attune_sum_of_squares(ATTUNE_FLOAT32, values, 37) == .infinity)
      values[place] = .nan
      #expect(attune_sum_of_squares(ATTUNE_FLOAT32, values, 37).isNaN)
      #expect(attune_sum(ATTUNE_FLOAT32, values, 37).isNaN)
    }
  }

  @Test("A sum of blocks equals the sum of the blocks' sums", arguments: Level.ofFloats)
  func sumsByBlocks(level: Level) {
    level.use()
    defer { Level.leave() }
    var numbers = Numbers(seed: 3)
    let values: [Float] = numbers.array(3 * 4096 + 100)
    let whole = attune_sum(ATTUNE_FLOAT32, values, values.count)
    var parts = 0.0
    for start in stride(from: 0, to: values.count, by: 4096) {
      let block = Array(values[start..<min(start + 4096, values.count)])
      parts += attune_sum(ATTUNE_FLOAT32, block, block.count)
    }
    #expect(whole == parts)
  }

  @Test("Conversion rounds to float and widens exactly", arguments: Level.ofFloats)
  func conversion(level: Level) {
    level.use()
    defer { Level.leave() }
    for count in Self.lengths {
      var numbers = Numbers(seed: UInt64(count))
      let wide: [Double] = numbers.array(count)
      var narrow = [Float](repeating: 0, count: count)
      attune_convert(ATTUNE_FLOAT64, wide, ATTUNE_FLOAT32, &narrow, count)
      #expect(narrow == wide.map { Float($0) })
      var again = [Double](repeating: 0, count: count)
      attune_convert(ATTUNE_FLOAT32, narrow, ATTUNE_FLOAT64, &again, count)
      #expect(again == narrow.map { Double($0) })
    }
  }
}
