// SPDX-License-Identifier: Apache-2.0

/// Why a value cannot be written as JSON.
public struct JSONWriteError: AttuneError, Equatable {
  /// The path to the value that is not finite.
  public let path: String
  /// The value as text: "nan", "inf" or "-inf".
  public let value: String

  /// A value of the program is at fault, not a file.
  public var exitCode: ExitStatus { .software }

  /// The message for the user.
  public var description: String {
    "\(path.isEmpty ? "the value" : path) is \(value); JSON holds finite numbers only."
  }
}

extension JSONValue {
  /// How the text is laid out.
  public enum Layout: Sendable {
    /// Without any space.
    case compact
    /// Two spaces a level, one member or element a line, as `json.dumps(indent=2)` of Python.
    case pretty
  }

  /// Returns the UTF-8 of this value; equal values give equal bytes, and reading gives the value back.
  ///
  /// Members keep their order; only what must be escaped is; doubles are the shortest text that reads
  /// back the same.
  public func serialized(_ layout: Layout = .compact) throws(JSONWriteError) -> [UInt8] {
    var writer = JSONWriter(isPretty: layout == .pretty)
    try writer.write(self, depth: 0, path: [])
    return writer.bytes
  }
}

struct JSONWriter {
  let isPretty: Bool
  var bytes: [UInt8] = []

  mutating func write(_ value: JSONValue, depth: Int, path: [String]) throws(JSONWriteError) {
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): bytes.append(contentsOf: value.description.utf8)
    case .number(let value):
      guard value.isFinite else {
        throw JSONWriteError(path: path.joined(separator: "."), value: value.description)
      }
      bytes.append(contentsOf: value.description.utf8)
    case .string(let value): write(value)
    case .array(let elements): try write(elements, depth: depth, path: path)
    case .object(let object): try write(object, depth: depth, path: path)
    }
  }

  private mutating func write(
    _ elements: [JSONValue], depth: Int, path: [String]
  ) throws(JSONWriteError) {
    bytes.append(UInt8(ascii: "["))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      breakLine(depth + 1)
      // Only a double can fail, so only a double or a container needs its path.
      switch element {
      case .string(let text): write(text)
      case .integer(let value): bytes.append(contentsOf: value.description.utf8)
      default: try write(element, depth: depth + 1, path: path + ["[\(index)]"])
      }
    }
    if !elements.isEmpty { breakLine(depth) }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func write(
    _ object: JSONObject, depth: Int, path: [String]
  ) throws(JSONWriteError) {
    bytes.append(UInt8(ascii: "{"))
    for (index, member) in object.members.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      breakLine(depth + 1)
      write(member.key)
      bytes.append(UInt8(ascii: ":"))
      if isPretty { bytes.append(UInt8(ascii: " ")) }
      if case .integer(let value) = member.value {
        bytes.append(contentsOf: value.description.utf8)
      } else {
        try write(member.value, depth: depth + 1, path: path + [member.key])
      }
    }
    if !object.isEmpty { breakLine(depth) }
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func breakLine(_ depth: Int) {
    guard isPretty else { return }
    bytes.append(0x0A)
    for _ in 0..<(2 * depth) { bytes.append(0x20) }
  }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0x08: bytes.append(contentsOf: "\\b".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0C: bytes.append(contentsOf: "\\f".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0..<0x20:
        bytes.append(contentsOf: "\\u00\(hexadecimal(byte).dropFirst(2).lowercased())".utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
