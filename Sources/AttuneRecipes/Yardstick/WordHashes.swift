// SPDX-License-Identifier: Apache-2.0

/// Cuts text into lower-cased words of letters, digits and inner apostrophes, and hashes each.
///
/// The hash depends on the bytes alone, so a classifier saved by one process means the same in another.
enum WordHashes {
  /// The hash of each word, in order.
  static func words(of text: String) -> [UInt64] {
    var text = text
    return text.withUTF8 { bytes in
      var cutter = Cutter()
      var index = 0
      while index < bytes.count { index = cutter.take(bytes, at: index) }
      return cutter.finish()
    }
  }

  /// The hash of two words in this order.
  static func pair(_ first: UInt64, _ second: UInt64) -> UInt64 {
    mixed(first &* 0x9E37_79B9_7F4A_7C15 ^ second)
  }

  /// Spreads every bit over the whole word (the finaliser of MurmurHash3).
  fileprivate static func mixed(_ bits: UInt64) -> UInt64 {
    var bits = bits
    bits = (bits ^ (bits >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    bits = (bits ^ (bits >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return bits ^ (bits >> 33)
  }
}

/// The word that is being read.
private struct Cutter {
  private static let apostrophe = UInt8(ascii: "'")
  private static let origin: UInt64 = 0xCBF2_9CE4_8422_2325
  private var found: [UInt64] = []
  // FNV-1a over the bytes of the word.
  private var hash = origin
  private var isInside = false
  /// An apostrophe counts only when a letter or digit follows.
  private var hasPendingApostrophe = false

  /// Reads the character at `index`; returns the index behind it.
  mutating func take(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
    let byte = bytes[index]
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): add(byte)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): add(byte | 0x20)
    case Self.apostrophe: hasPendingApostrophe = isInside
    case 0x80...: return takeScalar(bytes, at: index)
    default: end()
    }
    return index + 1
  }

  private mutating func takeScalar(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
    let length = bytes[index] >= 0xF0 ? 4 : bytes[index] >= 0xE0 ? 3 : 2
    var value = UInt32(bytes[index]) & (0xFF >> UInt32(length + 1))
    for offset in 1..<length { value = value << 6 | UInt32(bytes[index + offset] & 0x3F) }
    guard let scalar = Unicode.Scalar(value) else { return index + length }
    if scalar == "\u{2019}" {
      hasPendingApostrophe = isInside
    } else if scalar.isOfWord {
      for byte in scalar.properties.lowercaseMapping.utf8 { add(byte) }
    } else {
      end()
    }
    return index + length
  }

  private mutating func add(_ byte: UInt8) {
    if hasPendingApostrophe {
      hasPendingApostrophe = false
      add(Self.apostrophe)
    }
    hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    isInside = true
  }

  private mutating func end() {
    if isInside { found.append(WordHashes.mixed(hash)) }
    (hash, isInside, hasPendingApostrophe) = (Self.origin, false, false)
  }

  mutating func finish() -> [UInt64] {
    end()
    return found
  }
}

extension Unicode.Scalar {
  fileprivate var isOfWord: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .decimalNumber, .letterNumber, .otherNumber:
      true
    default: false
    }
  }
}
