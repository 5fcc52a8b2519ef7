// SPDX-License-Identifier: Apache-2.0

/// One row: the bytes of its fields end to end, and where each ends.
public struct DelimitedRecord: Sendable {
  /// The line of the file on which the row starts, from 1.
  public internal(set) var line = 1
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  /// How many fields there are.
  public var count: Int { ends.count }

  /// The size of all fields in bytes.
  var size: Int { bytes.count }

  /// The text of a field.
  public subscript(field: Int) -> String {
    let start = field == 0 ? 0 : ends[field - 1]
    return String(decoding: bytes[start..<ends[field]], as: UTF8.self)
  }

  /// The texts of all fields.
  public var fields: [String] { (0..<count).map { self[$0] } }

  mutating func begin(line: Int) {
    self.line = line
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  mutating func append(_ run: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: run) }

  mutating func append(_ byte: UInt8) { bytes.append(byte) }

  @inline(__always)
  mutating func endField() { ends.append(bytes.count) }

  /// The size of the field that has not ended.
  @inline(__always)
  var openSize: Int { bytes.count - (ends.last ?? 0) }
}
