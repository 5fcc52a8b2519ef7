// SPDX-License-Identifier: Apache-2.0

/// Anything that typed values can be read from, with errors that name the path.
///
/// ```swift
/// let config = JSONField(try JSONValue(parsing: bytes, source: "config.json"), source: "config.json")
/// let width = try config.integer(at: "hidden_size", in: 1...65_536)
/// let base = try config.optionalDouble(at: "rope", "theta") ?? 10_000
/// ```
/// Every `optional…` gives nil when the key is missing or null, and throws when it holds another kind.
public protocol JSONReadable {
  /// The place to read from.
  var field: JSONField { get }
}

extension JSONField: JSONReadable {
  /// The place itself.
  public var field: JSONField { self }
}

extension JSONValue: JSONReadable {
  /// The value as the top of a document without a name.
  public var field: JSONField { JSONField(self) }
}

extension JSONObject: JSONReadable {
  /// The object as the top of a document without a name.
  public var field: JSONField { JSONField(.object(self)) }
}

extension JSONReadable {
  /// Returns the place under the keys, whether or not something is there.
  public func field(at path: String...) throws(JSONFieldError) -> JSONField { try descend(path) }

  /// Returns whether something other than null stands under the keys.
  public func has(_ path: String...) throws(JSONFieldError) -> Bool {
    try descend(path).isPresent
  }

  /// Returns the integer under the keys, which must be plain digits.
  public func integer(at path: String...) throws(JSONFieldError) -> Int {
    try descend(path).read("an integer", \.integerValue)
  }

  /// Returns the integer under the keys, which must be plain digits and within the bounds.
  public func integer(
    at path: String..., in bounds: ClosedRange<Int>
  ) throws(JSONFieldError) -> Int {
    let field = try descend(path)
    let expected =
      "an integer \(bounds.upperBound == .max ? "of at least \(bounds.lowerBound)" : "from \(bounds.lowerBound) to \(bounds.upperBound)")"
    let value = try field.read(expected, \.integerValue)
    guard bounds ~= value else { throw field.mismatch(expected: expected) }
    return value
  }

  /// Returns the number under the keys; an integer will do.
  public func double(at path: String...) throws(JSONFieldError) -> Double {
    try descend(path).read("a number", \.doubleValue)
  }

  /// Returns the string under the keys.
  public func string(at path: String...) throws(JSONFieldError) -> String {
    try descend(path).read("a string", \.stringValue)
  }

  /// Returns the Boolean under the keys.
  public func bool(at path: String...) throws(JSONFieldError) -> Bool {
    try descend(path).read("true or false", \.boolValue)
  }

  /// Returns the object under the keys.
  public func object(at path: String...) throws(JSONFieldError) -> JSONObject {
    try descend(path).read("an object", \.objectValue)
  }

  /// Returns the values of the array under the keys.
  public func array(at path: String...) throws(JSONFieldError) -> [JSONValue] {
    try descend(path).read("an array", \.arrayValue)
  }

  /// Returns the case whose raw value is the string under the keys.
  public func choice<Choice: CaseIterable & RawRepresentable<String>>(
    at path: String..., of type: Choice.Type = Choice.self
  ) throws(JSONFieldError) -> Choice {
    try descend(path).readChoice()
  }

  /// Returns the integer under the keys, or nil.
  public func optionalInteger(at path: String...) throws(JSONFieldError) -> Int? {
    try descend(path).readIfPresent("an integer", \.integerValue)
  }

  /// Returns the number under the keys, or nil.
  public func optionalDouble(at path: String...) throws(JSONFieldError) -> Double? {
    try descend(path).readIfPresent("a number", \.doubleValue)
  }

  /// Returns the string under the keys, or nil.
  public func optionalString(at path: String...) throws(JSONFieldError) -> String? {
    try descend(path).readIfPresent("a string", \.stringValue)
  }

  /// Returns the Boolean under the keys, or nil.
  public func optionalBool(at path: String...) throws(JSONFieldError) -> Bool? {
    try descend(path).readIfPresent("true or false", \.boolValue)
  }

  /// Returns the object under the keys, or nil.
  public func optionalObject(at path: String...) throws(JSONFieldError) -> JSONObject? {
    try descend(path).readIfPresent("an object", \.objectValue)
  }

  /// Returns the values of the array under the keys, or nil.
  public func optionalArray(at path: String...) throws(JSONFieldError) -> [JSONValue]? {
    try descend(path).readIfPresent("an array", \.arrayValue)
  }

  /// Returns the case whose raw value is the string under the keys, or nil.
  public func optionalChoice<Choice: CaseIterable & RawRepresentable<String>>(
    at path: String..., of type: Choice.Type = Choice.self
  ) throws(JSONFieldError) -> Choice? {
    let field = try descend(path)
    return field.isPresent ? try field.readChoice() : nil
  }

  /// Returns the elements of the array under the keys as places of their own.
  public func fields(at path: String...) throws(JSONFieldError) -> [JSONField] {
    try descend(path).elements()
  }

  /// Returns the members of the object under the keys as places of their own, in order.
  public func members(
    at path: String...
  ) throws(JSONFieldError) -> [(key: String, field: JSONField)] {
    let field = try descend(path)
    var members: [(key: String, field: JSONField)] = []
    for member in try field.read("an object", \.objectValue).members {
      members.append((member.key, try field.child(member.key)))
    }
    return members
  }

  /// Returns the integers of the array under the keys.
  public func integers(at path: String...) throws(JSONFieldError) -> [Int] {
    try descend(path).readAll("an integer", \.integerValue)
  }

  /// Returns the numbers of the array under the keys.
  public func doubles(at path: String...) throws(JSONFieldError) -> [Double] {
    try descend(path).readAll("a number", \.doubleValue)
  }

  /// Returns the strings of the array under the keys.
  public func strings(at path: String...) throws(JSONFieldError) -> [String] {
    try descend(path).readAll("a string", \.stringValue)
  }

  /// Throws, naming all of them, if the object has keys that are not in `known`.
  public func refuseKeys(notIn known: [String]) throws(JSONFieldError) {
    let field = field
    let object = try field.read("an object", \.objectValue)
    var lookup = JSONObject()
    for name in known { lookup.append(name, .null) }
    let unknown = object.keys.filter { lookup[$0] == nil }
    guard !unknown.isEmpty else { return }
    throw JSONFieldError(
      source: field.source, path: field.path,
      problem: .unknown(
        unknown.map { .init(key: $0, nearest: EditDistance.nearest(to: $0, in: known)) }))
  }

  private func descend(_ path: [String]) throws(JSONFieldError) -> JSONField {
    var field = field
    for key in path { field = try field.child(key) }
    return field
  }
}

extension JSONField {
  fileprivate var isPresent: Bool { value.map { !$0.isNull } ?? false }

  fileprivate func read<Value>(
    _ expected: String, _ convert: (JSONValue) -> Value?
  ) throws(JSONFieldError) -> Value {
    guard let converted = value.flatMap(convert) else { throw mismatch(expected: expected) }
    return converted
  }

  fileprivate func readIfPresent<Value>(
    _ expected: String, _ convert: (JSONValue) -> Value?
  ) throws(JSONFieldError) -> Value? {
    isPresent ? try read(expected, convert) : nil
  }

  fileprivate func readAll<Value>(
    _ expected: String, _ convert: (JSONValue) -> Value?
  ) throws(JSONFieldError) -> [Value] {
    let values = try read("an array", \.arrayValue)
    var converted: [Value] = []
    converted.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      guard let value = convert(value) else {
        throw element(index, value).mismatch(expected: expected)
      }
      converted.append(value)
    }
    return converted
  }

  fileprivate func elements() throws(JSONFieldError) -> [JSONField] {
    try read("an array", \.arrayValue).enumerated().map { element($0.offset, $0.element) }
  }

  fileprivate func readChoice<Choice: CaseIterable & RawRepresentable<String>>()
    throws(JSONFieldError) -> Choice
  {
    let names = Choice.allCases.map(\.rawValue)
    let name = try read("one of: \(names.joined(separator: ", "))", \.stringValue)
    guard let choice = Choice(rawValue: name) else {
      throw error(
        "found '\(name)', expected one of: \(names.joined(separator: ", "))."
          + EditDistance.suggestion(for: name, in: names))
    }
    return choice
  }
}
