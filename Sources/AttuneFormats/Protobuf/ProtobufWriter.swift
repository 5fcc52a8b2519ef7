// SPDX-License-Identifier: Apache-2.0

/// Writes the fields of a protocol buffer message, in the order in which they are given.
public struct ProtobufWriter: Sendable {
  /// The message so far.
  public private(set) var bytes: [UInt8] = []

  /// An empty message.
  public init() {}

  /// Writes an integer, signed in two's complement.
  public mutating func write(_ value: Int, to field: Int) {
    writeKey(field, wireType: 0)
    writeVarint(UInt64(bitPattern: Int64(value)))
  }

  /// Writes a Boolean.
  public mutating func write(_ value: Bool, to field: Int) { write(value ? 1 : 0, to: field) }

  /// Writes a number of 32 bits.
  public mutating func write(_ value: Float, to field: Int) {
    writeKey(field, wireType: 5)
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
    }
  }

  /// Writes bytes.
  public mutating func write(_ value: some Collection<UInt8>, to field: Int) {
    writeKey(field, wireType: 2)
    writeVarint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// Writes text.
  public mutating func write(_ value: String, to field: Int) { write(value.utf8, to: field) }

  /// Writes a message inside this one.
  public mutating func write(_ message: ProtobufWriter, to field: Int) {
    write(message.bytes, to: field)
  }

  private mutating func writeKey(_ field: Int, wireType: UInt64) {
    writeVarint(UInt64(field) << 3 | wireType)
  }

  private mutating func writeVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
