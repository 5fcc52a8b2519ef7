// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

// Apple's 64-bit Intel systems have no Float16 to compare with.
#if !(os(macOS) && arch(x86_64))
  @Suite("Halves agree with the compiler's own")
  struct HalfPrecisionTests {
    @Test("Every half is the same number")
    func readsEveryHalf() {
      for bits in UInt16.min...UInt16.max {
        let expected = Float(Float16(bitPattern: bits))
        let found = HalfPrecision.float(bits)
        let isSame = expected.isNaN ? found.isNaN : found.bitPattern == expected.bitPattern
        #expect(isSame, "\(bits)")
      }
    }

    @Test("Rounding is to the nearest, ties to even")
    func roundsToHalf() {
      var generator = SplitMix(seed: 5)
      var floats: [Float] = [0, -0.0, 65_504, 65_519.996, 65_520, 1e38, .infinity, -.infinity]
      for bits in UInt16.min..<0x7C00 {
        // A half, the middle to the next one, and the neighbours of that middle.
        let half = HalfPrecision.float(bits)
        let middle = half + (HalfPrecision.float(bits &+ 1) - half) / 2
        floats += [half, -half, middle, middle.nextUp, middle.nextDown, -middle]
      }
      for _ in 0..<100_000 {
        floats.append(Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())))
      }
      let wrong = floats.filter { float in
        !float.isNaN && HalfPrecision.bits(float) != Float16(float).bitPattern
      }
      #expect(wrong.isEmpty)
      let notANumber = HalfPrecision.bits(.nan)
      #expect(notANumber & 0x7C00 == 0x7C00 && notANumber & 0x3FF != 0)
    }
  }
#endif

@Suite("Upper halves of a Float32")
struct BrainHalfTests {
  @Test("Rounding is to the nearest, ties to even")
  func rounds() {
    var wrong: [UInt16] = []
    for bits in UInt16.min..<0x7F80 {
      let upper = UInt32(bits) << 16
      let middle = Float(bitPattern: upper | 0x8000)
      let even = bits & 1 == 0 ? bits : bits + 1
      let isRight =
        HalfPrecision.brainBits(Float(bitPattern: upper)) == bits
        && HalfPrecision.brainBits(middle) == even
        && HalfPrecision.brainBits(middle.nextDown) == bits
        && HalfPrecision.brainBits(-middle.nextUp) == 0x8000 | (bits + 1)
      if !isRight { wrong.append(bits) }
    }
    #expect(wrong.isEmpty)
    #expect(HalfPrecision.brainBits(.infinity) == 0x7F80)
    for bits: UInt32 in [0x7F80_0001, 0x7FFF_FFFF, 0xFFC0_0000] {
      let found = HalfPrecision.brainBits(Float(bitPattern: bits))
      #expect(found & 0x7FFF > 0x7F80, "\(bits)")
    }
  }
}
