// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
  /// Arrays and objects may be nested this deep.
  public static let depthLimit = 128

  /// Reads bytes that hold exactly one JSON value (RFC 8259, strictly).
  ///
  /// Refused beyond the grammar: keys given twice, lone surrogates, a byte order mark, nesting deeper
  /// than `depthLimit`, numbers too large for a double. `source` names the file in errors.
  public init(parsing bytes: [UInt8], source: String = "JSON") throws(JSONError) {
    let result = bytes.withUnsafeBufferPointer { Self.parse($0, source: source) }
    self = try result.get()
  }

  /// Reads the UTF-8 of a text that holds exactly one JSON value.
  public init(parsing text: String, source: String = "JSON") throws(JSONError) {
    try self.init(parsing: Array(text.utf8), source: source)
  }

  /// Reads bytes in place, for a header inside a larger file.
  public init(parsing bytes: UnsafeRawBufferPointer, source: String = "JSON") throws(JSONError) {
    let result = bytes.withMemoryRebound(to: UInt8.self) { Self.parse($0, source: source) }
    self = try result.get()
  }

  private static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, source: String
  ) -> Result<JSONValue, JSONError> {
    var parser = JSONParser(bytes: bytes, source: source)
    return Result { () throws(JSONError) in try parser.document() }
  }
}

/// One pass over the bytes by recursive descent; every read is guarded by the count.
struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let source: String
  var position = 0
  private var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>, source: String) {
    self.bytes = bytes
    self.source = source
  }

  mutating func document() throws(JSONError) -> JSONValue {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      throw error(.byteOrderMark, at: 0)
    }
    let value = try value()
    skipWhitespace()
    guard position == bytes.count else { throw unexpected("the end of the file") }
    return value
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    skipWhitespace()
    guard position < bytes.count else { throw unexpected("a value") }
    switch bytes[position] {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw unexpected("a value")
    }
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    try descend()
    var object = JSONObject()
    if closes(with: UInt8(ascii: "}")) { return .object(object) }
    while true {
      skipWhitespace()
      let keyPosition = position
      guard peek() == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
      let key = try string()
      skipWhitespace()
      guard peek() == UInt8(ascii: ":") else { throw unexpected("':' after the key") }
      position += 1
      guard object.append(key, try value()) else {
        throw error(.duplicateKey(key), at: keyPosition)
      }
      if closes(with: UInt8(ascii: "}")) { return .object(object) }
      guard peek() == UInt8(ascii: ",") else { throw unexpected("',' or '}'") }
      position += 1
    }
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    try descend()
    var elements: [JSONValue] = []
    if closes(with: UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value())
      if closes(with: UInt8(ascii: "]")) { return .array(elements) }
      guard peek() == UInt8(ascii: ",") else { throw unexpected("',' or ']'") }
      position += 1
    }
  }

  private mutating func descend() throws(JSONError) {
    depth += 1
    guard depth <= JSONValue.depthLimit else {
      throw error(.tooDeep(limit: JSONValue.depthLimit), at: position)
    }
    position += 1
  }

  private mutating func closes(with bracket: UInt8) -> Bool {
    skipWhitespace()
    guard peek() == bracket else { return false }
    position += 1
    depth -= 1
    return true
  }

  private mutating func literal(
    _ word: StaticString, _ value: JSONValue
  ) throws(JSONError) -> JSONValue {
    for index in 0..<word.utf8CodeUnitCount {
      guard peek() == word.utf8Start[index] else { throw unexpected("'\(word)'") }
      position += 1
    }
    return value
  }

  @inline(__always)
  func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  @inline(__always)
  mutating func skipWhitespace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  func unexpected(_ expected: String) -> JSONError {
    error(.unexpected(found: describe(position), expected: expected), at: position)
  }

  /// Lines and columns are counted here, where they are wanted, not on the way.
  func error(_ problem: JSONError.Problem, at offset: Int) -> JSONError {
    var (line, column) = (1, 1)
    for byte in bytes[..<min(offset, bytes.count)] {
      if byte == 0x0A {
        (line, column) = (line + 1, 1)
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return JSONError(
      source: source, problem: problem, offset: offset, line: line, column: column)
  }

  private func describe(_ offset: Int) -> String {
    guard offset < bytes.count else { return "the end of the file" }
    let byte = bytes[offset]
    return (0x21...0x7E) ~= byte
      ? "'\(Character(Unicode.Scalar(byte)))'" : "the byte \(hexadecimal(byte))"
  }
}
