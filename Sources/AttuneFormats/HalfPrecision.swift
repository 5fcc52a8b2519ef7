// SPDX-License-Identifier: Apache-2.0

/// Numbers of two bytes, as files hold them.
package enum HalfPrecision {
  /// The value of an IEEE binary16. (Swift's `Float16` does not exist on every platform.)
  package static func float(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits) & 0x3FF
    switch exponent {
    case 0:
      // Subnormal: fraction * 2^-24, exact in Float32.
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: magnitude.bitPattern | sign)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The nearest bfloat16, the upper half of a Float32, ties to even; too large ones become infinite.
  package static func brainBits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    // Rounding could turn a not-a-number into an infinity.
    guard !value.isNaN else { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
    let odd = (bits >> 16) & 1
    return UInt16(truncatingIfNeeded: (bits + 0x7FFF + odd) >> 16)
  }

  /// The nearest IEEE binary16, ties to even; too large ones become infinite.
  package static func bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7FFF_FFFF
    if magnitude >= 0x7F80_0000 {
      let isNaN = magnitude > 0x7F80_0000
      return sign | 0x7C00
        | (isNaN ? 0x200 | UInt16(truncatingIfNeeded: (magnitude >> 13) & 0x3FF) : 0)
    }
    // Halfway between the largest finite half and the next power of two.
    if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
    if magnitude < 0x3880_0000 {
      // Below 2^-14 halves are multiples of 2^-24; Float32 addition does the rounding: 0.5 has
      // that spacing.
      let rounded = Float(bitPattern: magnitude) + 0.5
      return sign | UInt16(truncatingIfNeeded: rounded.bitPattern - Float(0.5).bitPattern)
    }
    let odd = (magnitude >> 13) & 1
    let rounded = magnitude - (112 << 23) + 0xFFF + odd
    return sign | UInt16(truncatingIfNeeded: rounded >> 13)
  }
}
