// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// The truncation inside `tokenizer.json`.
enum TruncationFile {
  static func read(
    _ document: JSONField
  ) throws(JSONFieldError) -> (truncation: Truncation, maximumLength: Int)? {
    guard try document.has("truncation") else { return nil }
    let field = try document.field(at: "truncation")
    try field.refuseKeys(notIn: ["max_length", "strategy", "stride", "direction"])
    let length = try field.integer(at: "max_length", in: 1...Int(Int32.max))
    let stride = try field.optionalInteger(at: "stride") ?? 0
    guard 0..<length ~= stride else {
      throw try field.field(at: "stride").error(
        "found \(stride), expected an integer from 0 to \(length - 1), below max_length.")
    }
    let truncation = Truncation(
      strategy: try field.optionalChoice(at: "strategy") ?? .longestFirst,
      direction: try field.optionalChoice(at: "direction") ?? .right, stride: stride)
    return (truncation, length)
  }

  /// Returns the JSON of a truncation.
  static func write(_ truncation: Truncation, _ maximumLength: Int) -> JSONValue {
    [
      "direction": .string(truncation.direction.rawValue), "max_length": .integer(maximumLength),
      "strategy": .string(truncation.strategy.rawValue),
      "stride": .integer(min(truncation.stride, maximumLength - 1)),
    ]
  }
}
