// SPDX-License-Identifier: Apache-2.0

/// Numbers in the digits of people, of which files of vectors hold millions.
enum DecimalNumber {
  /// Powers of ten that a Double holds exactly.
  private static let powers: [Double] = (0...22).reduce(into: []) { powers, _ in
    powers.append((powers.last ?? 0.1) * 10)
  }

  /// Returns the nearest Float, or rarely, near the middle of two, the other one; nil for what is no finite number.
  static func value(of text: ArraySlice<UInt8>) -> Float? {
    if let fast = fastValue(of: text) { return fast }
    guard text.allSatisfy({ isPart($0) }), let value = Float(String(decoding: text, as: UTF8.self)),
      value.isFinite
    else { return nil }
    return value
  }

  /// Digits, signs, a point and an exponent, but no words such as `nan` and no hexadecimal numbers.
  private static func isPart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  /// Up to 15 digits with a point: digits and power of ten are exact, so that one rounding to Double is all but the last
  /// (Clinger 1990).
  private static func fastValue(of text: ArraySlice<UInt8>) -> Float? {
    var digits = text
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    guard !digits.isEmpty, digits.count <= 16 else { return nil }
    var (whole, fraction, hasPoint): (UInt64, Int, Bool) = (0, 0, false)
    for byte in digits {
      if byte == UInt8(ascii: "."), !hasPoint {
        hasPoint = true
        continue
      }
      guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
      whole = whole * 10 + UInt64(byte - UInt8(ascii: "0"))
      if hasPoint { fraction += 1 }
    }
    guard digits.count > (hasPoint ? 1 : 0), whole < 1 << 53 else { return nil }
    let value = Float(Double(whole) / powers[fraction])
    return isNegative ? -value : value
  }
}
