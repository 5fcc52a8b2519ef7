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

/// A text in lower case, with each run of white space inside it as one space.
struct FoldedText {
  private var bytes: [UInt8] = []
  private var isAfterSpace = false

  /// The folded text.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  init(_ text: String) {
    bytes.reserveCapacity(text.utf8.count)
    // Whole files are folded, and most of their bytes are ASCII: those never become scalars.
    if text.withUTF8Bytes({ $0.allSatisfy { $0 < 0x80 } }) {
      text.withUTF8Bytes { for byte in $0 { append(ascii: byte) } }
    } else {
      for scalar in text.lowercased().unicodeScalars { append(scalar) }
    }
  }

  @inline(__always)
  private mutating func append(ascii byte: UInt8) {
    switch byte {
    case 0x20, 0x09...0x0D: isAfterSpace = true
    case 0x41...0x5A: append(byte: byte | 0x20)
    default: append(byte: byte)
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    if scalar.isASCII {
      append(ascii: UInt8(truncatingIfNeeded: scalar.value))
    } else if scalar.properties.isWhitespace {
      isAfterSpace = true
    } else {
      for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte: byte) }
    }
  }

  @inline(__always)
  private mutating func append(byte: UInt8) {
    if isAfterSpace, !bytes.isEmpty { bytes.append(0x20) }
    isAfterSpace = false
    bytes.append(byte)
  }
}
