// SPDX-License-Identifier: Apache-2.0

import CAttuneKernels
import Foundation
import Testing

extension KernelTests {
  /// Mean product of the signs of one bit in two streams, in standard deviations.
  private func correlation(
    _ count: Int, bit: Int, _ first: (UInt64) -> UInt32, _ second: (UInt64) -> UInt32
  ) -> Double {
    var agreements = 0
    for index in 0..<UInt64(count) {
      let differ = (first(index) ^ second(index)) >> bit & 1
      agreements += differ == 0 ? 1 : -1
    }
    return Double(agreements) / Double(count).squareRoot()
  }

  @Test("Each bit is set half of the time", arguments: [0, 1, 0xffff_ffff_ffff_ffff] as [UInt64])
  func bitBalance(key: UInt64) {
    let count = 100_000
    for bit in 0..<32 {
      let deviation = correlation(count, bit: bit, { attune_random_bits(key, $0) }, { _ in 0 })
      #expect(abs(deviation) < 4.5, "bit \(bit)")
    }
  }

  @Test("Neighbouring indices, keys and halves of the index are independent")
  func independence() {
    let count = 30_000
    let key: UInt64 = 77
    let others: [(String, (UInt64) -> UInt32)] = [
      ("next index", { attune_random_bits(key, $0 + 1) }),
      ("index 2 on", { attune_random_bits(key, $0 + 2) }),
      ("index 256 on", { attune_random_bits(key, $0 + 256) }),
      ("next key", { attune_random_bits(key + 1, $0) }),
      ("next key, next index", { attune_random_bits(key + 1, $0 + 1) }),
      ("key with another upper half", { attune_random_bits(key + (1 << 32), $0) }),
      ("key with its top bit", { attune_random_bits(key | 1 << 63, $0) }),
      ("index with an upper half", { attune_random_bits(key, $0 + (1 << 32)) }),
      ("derived key", { attune_random_bits(attune_random_key(key, 0), $0) }),
    ]
    for (name, other) in others {
      for bit in 0..<32 {
        let deviation = correlation(count, bit: bit, { attune_random_bits(key, $0) }, other)
        #expect(abs(deviation) < 5, "\(name), bit \(bit)")
      }
    }
  }

  @Test("Streams of neighbouring places are independent across the places")
  func placesAreIndependent() {
    for bit in 0..<32 {
      let deviation = correlation(
        50_000, bit: bit, { attune_random_bits(attune_random_key(5, $0), 3) },
        { attune_random_bits(attune_random_key(5, $0 + 1), 3) })
      #expect(abs(deviation) < 4.5, "bit \(bit)")
    }
  }

  @Test("Bytes are uniform by chi-square", arguments: [0, 8, 16, 24])
  func chiSquare(shift: Int) {
    var counts = [Double](repeating: 0, count: 256)
    let total = 200_000
    for index in 0..<UInt64(total) {
      counts[Int(attune_random_bits(42, index) >> shift & 255)] += 1
    }
    let expected = Double(total) / 256
    let statistic = counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
    // 255 degrees of freedom: mean 255, standard deviation 22.6.
    #expect(abs(statistic - 255) < 4.5 * 22.6)
  }

  @Test("Pairs of successive bytes are uniform by chi-square")
  func serialPairs() {
    var counts = [Double](repeating: 0, count: 65536)
    let total = 1 << 20
    for index in 0..<UInt64(total) {
      let (a, b) = (attune_random_bits(1, index) >> 24, attune_random_bits(1, index + 1) >> 24)
      counts[Int(a << 8 | b)] += 1
    }
    let expected = Double(total) / 65536
    let statistic = counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
    #expect(abs(statistic - 65535) < 4.5 * (2.0 * 65535).squareRoot())
  }

  @Test("A change of one bit of key or index changes half of the result")
  func avalanche() {
    for bit in 0..<64 {
      var changed = (key: 0, index: 0, derived: 0)
      for i in 0..<2000 as Range<UInt64> {
        let (key, index) = (i &* 0x9E37_79B9, i &* 0x85EB_CA6B)
        let base = attune_random_bits(key, index)
        changed.key += (base ^ attune_random_bits(key ^ 1 << bit, index)).nonzeroBitCount
        changed.index += (base ^ attune_random_bits(key, index ^ 1 << bit)).nonzeroBitCount
        let moved = attune_random_key(key, index) ^ attune_random_key(key ^ 1 << bit, index)
        changed.derived += moved.nonzeroBitCount
      }
      #expect(abs(Double(changed.key) / 32000 - 1) < 0.03, "key bit \(bit)")
      #expect(abs(Double(changed.index) / 32000 - 1) < 0.03, "index bit \(bit)")
      #expect(abs(Double(changed.derived) / 64000 - 1) < 0.03, "derived key bit \(bit)")
    }
  }

  @Test("Derived keys differ by place and by the order of derivation")
  func derivedKeys() {
    var seen = Set<UInt64>()
    for a in 0..<100 as Range<UInt64> {
      for b in 0..<100 as Range<UInt64> {
        seen.insert(attune_random_key(attune_random_key(1, a), b))
      }
    }
    #expect(seen.count == 10_000)
  }
}
