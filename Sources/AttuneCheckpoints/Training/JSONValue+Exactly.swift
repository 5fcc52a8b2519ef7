// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

extension JSONValue {
  /// A number with all its bits, also infinite ones and not-a-number, which JSON lacks.
  public static func exactly(_ value: Double) -> JSONValue {
    value.isFinite ? .number(value) : .string("bits:\(value.bitPattern)")
  }

  /// A number with all its bits, also those beyond the signed range.
  public static func exactly(_ value: UInt64) -> JSONValue { .string("\(value)") }
}

extension JSONReadable {
  /// Returns the number that `JSONValue.exactly` wrote under the key.
  public func exactDouble(at key: String) throws(JSONFieldError) -> Double {
    let field = try field(at: key)
    guard case .string(let text)? = field.value else { return try double(at: key) }
    guard text.hasPrefix("bits:"), let bits = UInt64(text.dropFirst(5)) else {
      throw field.error("found '\(text)', expected a number or 'bits:' and its bit pattern.")
    }
    return Double(bitPattern: bits)
  }

  /// Returns the number that `JSONValue.exactly` wrote under the key.
  public func exactUnsigned(at key: String) throws(JSONFieldError) -> UInt64 {
    let text = try string(at: key)
    guard let value = UInt64(text) else {
      throw try field(at: key).error("found '\(text)', expected digits up to \(UInt64.max).")
    }
    return value
  }
}
