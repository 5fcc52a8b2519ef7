// SPDX-License-Identifier: Apache-2.0

/// Scores as the reference program reads them from JSON.
///
/// It takes the digits as an integer, rounds that to a double and divides by a power of ten, which is
/// one unit off in the last place for many numbers of 17 digits. Ways through a word that would have
/// equal scores, such as five marks and one or one and five, are told apart by that unit.
enum DecimalScore {
  private static let powers: [Double] = {
    (0...308).map { Double("1e\($0)") ?? .infinity }
  }()

  static func asRead(_ score: Double) -> Double {
    guard score.isFinite, score != 0 else { return score }
    // The description has the fewest digits that give the number back, as files have.
    var (digits, exponent, isFraction) = (UInt64(0), 0, false)
    var text = score.magnitude.description.utf8[...]
    while let character = text.first, character != UInt8(ascii: "e") {
      text.removeFirst()
      if character == UInt8(ascii: ".") {
        isFraction = true
      } else {
        digits = 10 * digits + UInt64(character - UInt8(ascii: "0"))
        if isFraction { exponent -= 1 }
      }
    }
    if let written = Int(String(decoding: text.dropFirst(), as: UTF8.self)) { exponent += written }
    var value = Double(digits)
    if exponent < -308 {
      value /= powers[308]
      exponent += 308
    }
    value = exponent >= 0 ? value * powers[min(exponent, 308)] : value / powers[-exponent]
    return score < 0 ? -value : value
  }
}
