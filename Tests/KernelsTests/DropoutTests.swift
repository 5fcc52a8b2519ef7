// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Testing

/// Whether dropout keeps an element, by its definition: the draw reaches rate * 2^32.
func isKept(key: UInt64, index: UInt64, rate: Double) -> Bool {
  Double(attune_random_bits(key, index)) >= (rate * 4_294_967_296).rounded(.down)
}

extension KernelTests {
  @Test(
    "Dropout keeps what the draws say, also where the upper half of the index changes",
    arguments: Level.ofFloats)
  func dropout(level: Level) {
    level.use()
    defer { Level.leave() }
    for first in [0, 12345, UInt64(1 << 32) - 40, UInt64(7 << 32) - 3] {
      for count in Self.lengths {
        checkDropout(Float.self, first, count)
        checkDropout(Double.self, first, count)
      }
    }
  }

  private func checkDropout<Element: KernelNumber>(
    _: Element.Type, _ first: UInt64, _ count: Int
  ) {
    let key: UInt64 = 0x1234_5678_9abc_def0
    var numbers = Numbers(seed: UInt64(count))
    let x: [Element] = numbers.array(count)
    let residual: [Element] = numbers.array(count)
    for rate in [0, 0.1, 0.5, 0.999, 1] {
      let kept = x.indices.map { index in
        isKept(key: key, index: first + UInt64(index), rate: rate) && rate < 1
          ? Double(x[index]) / (1 - rate) : 0
      }
      var result = [Element](repeating: 7, count: count + 1)
      attune_dropout(Element.precision, key, first, rate, x, &result, count)
      expectClose(result, kept + [7], "rate \(rate), first \(first)")
      attune_add_dropout(Element.precision, key, first, rate, residual, x, &result, count)
      expectClose(
        result, zip(kept, residual).map { $0 + Double($1) } + [7], tolerance: Element.tolerance * 9)
    }
  }

  @Test("Dropped values are zero even where they were not finite", arguments: Level.ofFloats)
  func dropoutOfInfinity(level: Level) {
    level.use()
    defer { Level.leave() }
    let x = [Float](repeating: .infinity, count: 200)
    var result = x
    attune_dropout(ATTUNE_FLOAT32, 1, 0, 0.5, x, &result, x.count)
    #expect(result.allSatisfy { $0 == 0 || $0 == .infinity })
    #expect(result.contains(0))
  }

  @Test("Dropout does not depend on how a call is cut", arguments: Level.ofFloats)
  func dropoutCuts(level: Level) {
    level.use()
    defer { Level.leave() }
    var numbers = Numbers(seed: 1)
    let x: [Float] = numbers.array(100)
    var whole = x
    attune_dropout(ATTUNE_FLOAT32, 9, 50, 0.3, x, &whole, 100)
    var parts: [Float] = []
    for (start, end) in [(0, 3), (3, 20), (20, 53), (53, 100)] {
      let slice = Array(x[start..<end])
      var part = slice
      attune_dropout(ATTUNE_FLOAT32, 9, UInt64(50 + start), 0.3, slice, &part, part.count)
      parts += part
    }
    expectSameBits(whole, parts)
  }
}
