// SPDX-License-Identifier: Apache-2.0

/// Reads the fields of a protocol buffer message, in the order in which they stand.
///
/// ```swift
/// var reader = ProtobufReader(bytes, source: "spiece.model")
/// while let field = try reader.next() {
///   if field.number == 2 { score = try field.float() }
/// }
/// ```
/// Every length is checked against the bytes that are there before anything is read or kept, and a
/// message inside is a part of the same bytes.
public struct ProtobufReader {
  /// A field of a message.
  public struct Field {
    /// The number of the field in its message.
    public let number: Int
    fileprivate let value: Value
    fileprivate let source: String
    /// Bytes before the value.
    public let offset: Int
  }

  fileprivate enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
    case fixed32(UInt32)
  }

  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private let source: String

  /// Makes a reader of the bytes; `source` names the file in errors.
  public init(_ bytes: [UInt8], source: String) { self.init(bytes[...], source: source) }

  fileprivate init(_ bytes: ArraySlice<UInt8>, source: String) {
    (self.bytes, position, self.source) = (bytes, bytes.startIndex, source)
  }

  /// Returns the next field, or nil after the last.
  public mutating func next() throws(ProtobufError) -> Field? {
    guard position < bytes.endIndex else { return nil }
    let start = position
    let key = try varint()
    guard 1..<(1 << 29) ~= key >> 3 else {
      throw ProtobufError(source: source, offset: start, problem: .fieldNumber(key >> 3))
    }
    let valueStart = position
    let value: Value
    switch key & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .fixed64(try fixed(8))
    case 2: value = .bytes(try lengthDelimited())
    case 5: value = .fixed32(UInt32(truncatingIfNeeded: try fixed(4)))
    default:
      throw ProtobufError(source: source, offset: start, problem: .wireType(UInt8(key & 7)))
    }
    return Field(number: Int(key >> 3), value: value, source: source, offset: valueStart)
  }

  private mutating func varint() throws(ProtobufError) -> UInt64 {
    let start = position
    var (value, shift) = (UInt64(0), UInt64(0))
    while true {
      guard position < bytes.endIndex else {
        throw ProtobufError(source: source, offset: start, problem: .truncated)
      }
      let byte = bytes[position]
      position += 1
      guard shift < 63 || byte <= 1 else {
        throw ProtobufError(source: source, offset: start, problem: .varintTooLong)
      }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  private mutating func fixed(_ count: Int) throws(ProtobufError) -> UInt64 {
    guard bytes.endIndex - position >= count else {
      throw ProtobufError(source: source, offset: position, problem: .truncated)
    }
    defer { position += count }
    return bytes[position..<position + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private mutating func lengthDelimited() throws(ProtobufError) -> ArraySlice<UInt8> {
    let start = position
    let length = try varint()
    let left = bytes.endIndex - position
    guard length <= UInt64(left) else {
      throw ProtobufError(source: source, offset: start, problem: .length(length, left: left))
    }
    defer { position += Int(length) }
    return bytes[position..<position + Int(length)]
  }
}

extension ProtobufReader.Field {
  /// Returns the value as an integer of any size, signed in two's complement.
  public func integer() throws(ProtobufError) -> Int {
    guard case .varint(let value) = value else { throw mismatch("an integer") }
    return Int(truncatingIfNeeded: value)
  }

  /// Returns the value as a Boolean.
  public func bool() throws(ProtobufError) -> Bool { try integer() != 0 }

  /// Returns the value as a number of 32 bits, which may be infinite or none.
  public func float() throws(ProtobufError) -> Float {
    guard case .fixed32(let value) = value else { throw mismatch("a 32-bit number") }
    return Float(bitPattern: value)
  }

  /// Returns the value as bytes.
  public func bytes() throws(ProtobufError) -> ArraySlice<UInt8> {
    guard case .bytes(let value) = value else { throw mismatch("bytes") }
    return value
  }

  /// Returns the value as text, which must be UTF-8.
  public func string() throws(ProtobufError) -> String {
    guard let text = String(validating: try bytes(), as: UTF8.self) else {
      throw ProtobufError(source: source, offset: offset, problem: .invalidUTF8)
    }
    return text
  }

  /// Returns a reader of the message that is the value.
  public func message() throws(ProtobufError) -> ProtobufReader {
    ProtobufReader(try bytes(), source: source)
  }

  private func mismatch(_ expected: String) -> ProtobufError {
    ProtobufError(
      source: source, offset: offset, problem: .mismatch(field: number, expected: expected))
  }
}
