// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// A text as a key that is compared by its UTF-8 bytes.
struct TextKey: Hashable {
  let text: String

  static func == (left: TextKey, right: TextKey) -> Bool { left.text.hasSameUTF8(as: right.text) }

  func hash(into hasher: inout Hasher) {
    text.withUTF8Bytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  /// A number from the text and a seed, the same in every process (FNV-1a, then SplitMix64's mixing).
  func number(seed: UInt64) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    text.withUTF8Bytes { bytes in
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    var mixed = hash ^ (seed &* 0x9E37_79B9_7F4A_7C15)
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
