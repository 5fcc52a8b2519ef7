// SPDX-License-Identifier: Apache-2.0

extension Double {
  /// The number with so many digits after the point, as C's `printf` writes it by `%.4f` and its like.
  ///
  /// That is the nearest decimal to the very number, of two equally near ones the even; `-0.00` and `-nan` keep their sign.
  /// Unlike there, the point is a point in every locale.
  package func fixed(_ places: Int) -> String {
    precondition(places >= 0, "a number cannot have \(places) digits after the point")
    let prefix = sign == .minus ? "-" : ""
    guard isFinite else { return prefix + (isNaN ? "nan" : "inf") }
    return prefix + DecimalDigits(magnitude).text(places: places)
  }
}

/// All digits of a binary number, which are finitely many.
private struct DecimalDigits {
  /// The least significant one first.
  private var digits: [UInt8] = []
  /// How many of them stand after the point.
  private var fractionCount = 0

  /// The digits of a number that is finite and not negative.
  init(_ value: Double) {
    let isNormal = value.exponentBitPattern > 0
    var significand = value.significandBitPattern
    if isNormal { significand |= 1 << Double.significandBitCount }
    while significand > 0 {
      digits.append(UInt8(significand % 10))
      significand /= 10
    }
    // The unit of the last place of the smallest numbers is 2 to the -1074.
    let exponent = max(Int(value.exponentBitPattern), 1) - 1075
    for _ in 0..<abs(exponent) { multiply(by: exponent > 0 ? 2 : 5) }
    // A half is five tenths.
    fractionCount = max(-exponent, 0)
  }

  private mutating func multiply(by factor: UInt8) {
    var carry: UInt8 = 0
    for place in digits.indices {
      let product = digits[place] * factor + carry
      digits[place] = product % 10
      carry = product / 10
    }
    if carry > 0 { digits.append(carry) }
  }

  func text(places: Int) -> String {
    var rounded = self
    rounded.round(to: places)
    let zeros = Array(repeating: UInt8(0), count: max(places - rounded.fractionCount, 0))
    var digits = zeros + rounded.digits
    while digits.count <= places { digits.append(0) }
    let characters = digits.reversed().map { Character(Unicode.Scalar(UInt8(ascii: "0") + $0)) }
    let whole = String(characters.dropLast(places))
    return places == 0 ? whole : whole + "." + String(characters.suffix(places))
  }

  /// Leaves at most so many digits after the point.
  private mutating func round(to places: Int) {
    guard fractionCount > places else { return }
    let surplus = fractionCount - places
    while digits.count < surplus { digits.append(0) }
    let (dropped, half) = (digits[..<surplus], digits[surplus - 1])
    let isTie = half == 5 && dropped.dropLast().allSatisfy { $0 == 0 }
    digits.removeFirst(surplus)
    fractionCount = places
    if isTie ? !(digits.first ?? 0).isMultiple(of: 2) : half >= 5 { increment() }
  }

  private mutating func increment() {
    for place in digits.indices {
      if digits[place] < 9 {
        digits[place] += 1
        return
      }
      digits[place] = 0
    }
    digits.append(1)
  }
}
