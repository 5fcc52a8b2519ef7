// SPDX-License-Identifier: Apache-2.0

extension JSONParser {
  /// Reads a string from its opening quote on.
  mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    var union: UInt8 = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let run = UnsafeBufferPointer(rebasing: bytes[start..<position])
        if union >= 0x80 { try checkUTF8(run, at: start) }
        position += 1
        return String(decoding: run, as: UTF8.self)
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      if byte < 0x20 { throw error(.controlCharacter(byte), at: position) }
      union |= byte
      position += 1
    }
    throw unexpected("the closing '\"' of a string")
  }

  /// Reads on from the first backslash into a buffer.
  private mutating func escapedString(from start: Int) throws(JSONError) -> String {
    var unescaped: [UInt8] = []
    var runStart = start
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        let run = UnsafeBufferPointer(rebasing: bytes[runStart..<position])
        try checkUTF8(run, at: runStart)
        unescaped.append(contentsOf: run)
        position += 1
        if byte == UInt8(ascii: "\"") { return String(decoding: unescaped, as: UTF8.self) }
        try escape(into: &unescaped)
        runStart = position
      } else {
        if byte < 0x20 { throw error(.controlCharacter(byte), at: position) }
        position += 1
      }
    }
    throw unexpected("the closing '\"' of a string")
  }

  private func checkUTF8(_ run: UnsafeBufferPointer<UInt8>, at start: Int) throws(JSONError) {
    if let offset = UTF8Check.firstInvalidOffset(in: run) {
      throw error(.invalidUTF8, at: start + offset)
    }
  }

  private mutating func escape(into unescaped: inout [UInt8]) throws(JSONError) {
    guard let letter = peek() else { throw unexpected("a letter after the backslash") }
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
    case UInt8(ascii: "b"): unescaped.append(0x08)
    case UInt8(ascii: "f"): unescaped.append(0x0C)
    case UInt8(ascii: "n"): unescaped.append(0x0A)
    case UInt8(ascii: "r"): unescaped.append(0x0D)
    case UInt8(ascii: "t"): unescaped.append(0x09)
    case UInt8(ascii: "u"):
      unescaped.append(contentsOf: String(Character(try escapedScalar())).utf8)
      return
    default: throw unexpected("one of \" \\ / b f n r t u after the backslash")
    }
    position += 1
  }

  /// Reads `uXXXX`, and the second half when the first is a high surrogate.
  private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
    let start = position - 1
    let first = try hexadecimalUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, peek() == UInt8(ascii: "\\"), position + 1 < bytes.count,
      bytes[position + 1] == UInt8(ascii: "u")
    else { throw error(.loneSurrogate, at: start) }
    position += 1
    let second = try hexadecimalUnit()
    guard 0xDC00...0xDFFF ~= second,
      let scalar = Unicode.Scalar(
        0x10000 + (UInt32(first - 0xD800) << 10) + UInt32(second - 0xDC00))
    else { throw error(.loneSurrogate, at: start) }
    return scalar
  }

  private mutating func hexadecimalUnit() throws(JSONError) -> UInt16 {
    position += 1
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue,
        byte < 0x80
      else { throw unexpected("a hexadecimal digit") }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  /// Reads a number: plain digits that fit `Int` are an integer, everything else a double.
  mutating func number() throws(JSONError) -> JSONValue {
    let start = position
    let isNegative = peek() == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let digits = position
    try skipDigits("a digit")
    if bytes[digits] == UInt8(ascii: "0"), position > digits + 1 {
      position = digits + 1
      throw unexpected("no digit after a leading zero")
    }
    let integerEnd = position
    if peek() == UInt8(ascii: ".") {
      position += 1
      try skipDigits("a digit after the decimal point")
    }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      position += 1
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
      try skipDigits("a digit of the exponent")
    }
    if position == integerEnd,
      let value = integer(in: digits..<integerEnd, isNegative: isNegative)
    {
      return .integer(value)
    }
    let text = String(
      decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw error(.numberOutOfRange(String(text.prefix(40))), at: start)
    }
    return .number(value)
  }

  private mutating func skipDigits(_ expected: String) throws(JSONError) {
    let start = position
    while let byte = peek(), (0x30...0x39) ~= byte { position += 1 }
    guard position > start else { throw unexpected(expected) }
  }

  /// Returns nil for `-0`, which an integer cannot keep, and for what does not fit.
  private func integer(in digits: Range<Int>, isNegative: Bool) -> Int? {
    if isNegative, digits.count == 1, bytes[digits.lowerBound] == UInt8(ascii: "0") { return nil }
    var value = 0
    for byte in bytes[digits] {
      let digit = Int(byte) - 0x30
      let (shifted, overflowed) = value.multipliedReportingOverflow(by: 10)
      let (sum, spilled) = shifted.subtractingReportingOverflow(digit)
      guard !overflowed, !spilled else { return nil }
      value = sum
    }
    if isNegative { return value }
    return value == .min ? nil : -value
  }
}
