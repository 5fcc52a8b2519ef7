// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneTensors

/// What readers of `config.json` share. Keys that the file leaves out have the defaults of transformers.
extension JSONField {
  /// Sizes beyond any machine are refused before anything is allocated.
  private static let sizeLimit = 1 << 24

  /// Reads a count.
  func size(
    _ key: String, default fallback: Int, atLeast least: Int = 1
  ) throws(JSONFieldError) -> Int {
    try has(key) ? integer(at: key, in: least...Self.sizeLimit) : fallback
  }

  /// Reads a share of elements that fall.
  func rate(_ key: String, default fallback: Float = 0.1) throws(JSONFieldError) -> Float {
    guard let rate = try optionalDouble(at: key) else { return fallback }
    guard rate >= 0, rate < 1 else {
      throw try field(at: key).error("found \(rate), expected a rate from 0 to below 1.")
    }
    return Float(rate)
  }

  /// Reads what is added to variances.
  func epsilon(_ key: String, default fallback: Float = 1e-12) throws(JSONFieldError) -> Float {
    guard let epsilon = try optionalDouble(at: key) else { return fallback }
    guard epsilon >= 1e-30, epsilon < 1 else {
      throw try field(at: key).error("found \(epsilon), expected a small positive number.")
    }
    return Float(epsilon)
  }

  /// Reads the number of heads, which the columns are divided among.
  func headCount(
    _ key: String, default fallback: Int, dividing dimension: Int, of dimensionKey: String
  ) throws(JSONFieldError) -> Int {
    let count = try size(key, default: fallback)
    guard dimension.isMultiple(of: count) else {
      throw try field(at: key).error(
        "found \(count), expected a number that divides \(dimensionKey), \(dimension).")
    }
    return count
  }

  /// Reads the id of the padding token.
  func paddingID(default fallback: Int, vocabularySize: Int) throws(JSONFieldError) -> Int {
    let key = "pad_token_id"
    return try has(key) ? integer(at: key, in: 0...vocabularySize - 1) : fallback
  }

  /// Reads the name of an activation.
  func activation(_ key: String) throws(JSONFieldError) -> Activation {
    guard let name = try optionalString(at: key) else { return .gelu }
    guard let known = Activation.configurationNames.first(where: { $0.name == name }) else {
      let names = Activation.configurationNames.map(\.name)
      throw try field(at: key).error(
        "found '\(name)', expected one of: \(names.joined(separator: ", "))."
          + EditDistance.suggestion(for: name, in: names))
    }
    return known.activation
  }

  /// Throws when a key has another value than the only one that is supported.
  func require(_ key: String, _ only: JSONValue) throws(JSONFieldError) {
    guard try has(key), let value = try field(at: key).value, value != only else { return }
    throw try field(at: key).error("found \(value.inShort), expected \(only.inShort).")
  }
}

extension JSONValue {
  fileprivate var inShort: String {
    switch self {
    case .string(let text): "'\(text.prefix(40))'"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .null: "null"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension Activation {
  /// Names in `config.json`; the first of an activation is the one that is written.
  static let configurationNames: [(name: String, activation: Activation)] = [
    ("gelu", .gelu), ("gelu_python", .gelu), ("gelu_new", .geluTanh),
    ("gelu_pytorch_tanh", .geluTanh), ("gelu_python_tanh", .geluTanh), ("gelu_fast", .geluTanh),
    ("relu", .relu), ("silu", .silu), ("swish", .silu), ("tanh", .tanh), ("sigmoid", .sigmoid),
    ("quick_gelu", .quickGELU), ("mish", .mish),
    ("linear", .identity), ("identity", .identity),
  ]

  /// The name in `config.json`.
  var configurationName: String {
    Self.configurationNames.first { $0.activation == self }?.name ?? rawValue
  }
}

/// The double that prints as the float does: 0.1, not 0.10000000149011612.
func shortest(_ value: Float) -> Double { Double("\(value)") ?? Double(value) }
