// SPDX-License-Identifier: Apache-2.0

/// A value of JSON (RFC 8259).
///
/// Equality is exact: strings by their UTF-8 bytes, objects with the order of their keys, and the
/// integer 4 is not the number 4.0.
public enum JSONValue: Sendable {
  /// The literal `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// Plain digits with an optional minus that fit `Int`; never `4.0`, `4e0` or `-0`.
  case integer(Int)
  /// Any other number; always finite when read.
  case number(Double)
  /// A string, unescaped.
  case string(String)
  /// Values in order.
  case array([JSONValue])
  /// Members in order, each key once.
  case object(JSONObject)
}

extension JSONValue: Equatable {
  /// Returns whether both are the same value, byte for byte.
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.string(let left), .string(let right)): left.hasSameUTF8(as: right)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }
}

extension JSONValue {
  /// The kind of value with its article, for messages: "an integer", "a string".
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a Boolean"
    case .integer: "an integer"
    case .number: "a number with a fraction"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The string, or nil if this is something else.
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }

  /// The integer, or nil if this is something else.
  public var integerValue: Int? { if case .integer(let value) = self { value } else { nil } }

  /// The number, also from an integer, or nil if this is something else.
  public var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The Boolean, or nil if this is something else.
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The elements, or nil if this is something else.
  public var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

  /// The object, or nil if this is something else.
  public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// Whether this is `null`.
  public var isNull: Bool { if case .null = self { true } else { false } }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// Makes `null`.
  public init(nilLiteral: ()) { self = .null }
  /// Makes a Boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Makes an integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// Makes a number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// Makes a string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Makes an array.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// Makes an object in the order written; a key twice is a mistake of the program.
  public init(dictionaryLiteral members: (String, JSONValue)...) {
    self = .object(JSONObject(members))
  }
}
