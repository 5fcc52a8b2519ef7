// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

extension Double {
  /// The number with so many digits after the point.
  func decimal(_ places: Int) -> String {
    let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
    guard isFinite, abs(self) * scale < 1e15 else { return "\(self)" }
    let scaled = Int((abs(self) * scale).rounded())
    let sign = self < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(scaled)" }
    let digits = String(scaled % Int(scale))
    return "\(sign)\(scaled / Int(scale))."
      + String(repeating: "0", count: places - digits.count) + digits
  }

  /// A share as a percentage with one digit after the point.
  var percent: String { "\((100 * self).decimal(1)) %" }
}

extension Int {
  /// The number with commas between thousands.
  var grouped: String {
    let digits = String(magnitude)
    var result = self < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
      result.append(digit)
    }
    return result
  }

  /// "1 text" or "2 texts".
  func counted(_ singular: String, _ plural: String) -> String {
    "\(grouped) \(self == 1 ? singular : plural)"
  }
}

extension JSONValue {
  /// The number as it prints: 0.1, not 0.10000000149011612.
  static func shortest(_ value: Float) -> JSONValue { .number(Double("\(value)") ?? Double(value)) }
}
