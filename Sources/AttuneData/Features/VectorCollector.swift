// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// Puts vectors together that come row by row or line by line.
struct VectorCollector {
  /// Numbers that are kept in memory: gzip can make a large file of a small one.
  private static let limit = 1 << 30

  let file: String
  /// The line of the file that is being read.
  var line = 0
  private var values: [Float] = []
  private var positionCounts: [Int] = []
  private var dimension: Int?
  /// The first number of the vector that is being read.
  private var start = 0
  /// Vectors of the item that is being read; nil while it is a single one.
  private var position: Int?
  private var holdsSequences = false

  init(file: String) { self.file = file }

  /// Appends an item, whose numbers the closure appends.
  mutating func append(
    _ numbers: (inout VectorCollector) throws(FeatureVectorsError) -> Void
  ) throws(FeatureVectorsError) {
    (start, position) = (values.count, nil)
    try numbers(&self)
    if position == nil { try endVector() }
    positionCounts.append(position ?? 1)
  }

  /// Appends a number as CSV holds it.
  mutating func append(_ field: String) throws(FeatureVectorsError) {
    guard let value = Self.number(field) else {
      let text = field.trimmed
      throw error(.notANumber(place, found: text.isEmpty ? "nothing" : "'\(text.prefix(40))'"))
    }
    try append(value, written: field.trimmed)
  }

  /// Appends the vector or the vectors of a line of JSON.
  mutating func append(_ value: JSONValue) throws(FeatureVectorsError) {
    let elements = try array(in: value)
    guard elements.first?.arrayValue != nil else { return try append(elements) }
    position = 0
    holdsSequences = true
    for element in elements {
      start = values.count
      guard let vector = element.arrayValue else {
        throw error(.notANumber(place, found: "\(element.kind) among arrays"))
      }
      try append(vector)
      try endVector()
      position = (position ?? 0) + 1
    }
  }

  private mutating func append(_ numbers: [JSONValue]) throws(FeatureVectorsError) {
    for number in numbers {
      guard let double = number.doubleValue else {
        throw error(.notANumber(place, found: number.kind))
      }
      try append(Float(double), written: "\(double)")
    }
  }

  private mutating func append(
    _ value: Float, written: @autoclosure () -> String
  ) throws(FeatureVectorsError) {
    guard value.isFinite else { throw error(.notFinite(place, value: written())) }
    guard FeatureVectors.isPlausible(value) else {
      throw error(.tooLarge(place, value: written()))
    }
    values.append(value)
  }

  private func array(in value: JSONValue) throws(FeatureVectorsError) -> [JSONValue] {
    var value = value
    if let object = value.objectValue {
      let keys = FeatureFormat.keys.filter { object[$0] != nil }
      guard keys.count < 2 else {
        throw error(.severalVectors(row: positionCounts.count, keys: keys))
      }
      guard let key = keys.first, let member = object[key] else {
        let found = object.keys.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
        let keys = object.isEmpty ? "without keys" : "with the keys \(found)"
        throw error(.noVector(row: positionCounts.count, found: "an object \(keys)"))
      }
      value = member
    }
    guard let elements = value.arrayValue else {
      throw error(.noVector(row: positionCounts.count, found: value.kind))
    }
    return elements
  }

  /// Checks the vector that was read.
  private mutating func endVector() throws(FeatureVectorsError) {
    let found = values.count - start
    guard found > 0 else { throw error(.noNumbers(row: positionCounts.count)) }
    let expected = dimension ?? found
    guard found == expected else {
      throw error(.width(row: positionCounts.count, expected: expected, found: found))
    }
    dimension = expected
    guard values.count <= Self.limit else { throw error(.tooMany(limit: Self.limit)) }
  }

  /// All items.
  func vectors() throws(FeatureVectorsError) -> FeatureVectors {
    guard let dimension else { throw FeatureVectorsError(file: file, .noVectors) }
    return try FeatureVectors(
      values, dimension: dimension, positionCounts: holdsSequences ? positionCounts : nil,
      name: file)
  }

  /// The number in a field, infinite or none perhaps; nil when it is something else.
  static func number(_ field: String) -> Float? {
    let text = field.trimmed
    return text.utf8.contains { $0 | 0x20 == UInt8(ascii: "x") } ? nil : Float(text)
  }

  private var place: FeatureVectorsError.Place {
    .init(row: positionCounts.count, position: position, column: values.count - start)
  }

  private func error(_ problem: FeatureVectorsError.Problem) -> FeatureVectorsError {
    FeatureVectorsError(file: file, line: line, problem)
  }
}
