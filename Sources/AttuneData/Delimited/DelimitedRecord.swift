// SPDX-License-Identifier: Apache-2.0

/// One row: the bytes of its fields end to end, and where each ends.
public struct DelimitedRecord: Sendable {
  /// The line of the file on which the row starts, from 1.
  public let line: Int
  private let bytes: [UInt8]
  private let ends: [Int]

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

  /// A row of the fields of a scratch.
  ///
  /// Memory is asked for anew: an array that keeps its capacity while another holds its elements gets a little more with
  /// each copy, and after a million rows every row would hold kilobytes.
  init(_ scratch: borrowing ScratchRecord, line: Int) {
    self.line = line
    bytes = [UInt8](scratch.content)
    ends = [Int](scratch.fieldEnds)
  }
}

/// The row that is being read, in memory that only grows: no checks of uniqueness for each field.
struct ScratchRecord: ~Copyable {
  private var bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 1 << 12)
  private var ends = UnsafeMutablePointer<Int>.allocate(capacity: 1 << 6)
  private var byteCapacity = 1 << 12
  private var endCapacity = 1 << 6
  private(set) var size = 0
  private(set) var count = 0

  deinit {
    bytes.deallocate()
    ends.deallocate()
  }

  var content: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: size) }
  var fieldEnds: UnsafeBufferPointer<Int> { UnsafeBufferPointer(start: ends, count: count) }

  /// The size of the field that has not ended.
  @inline(__always)
  var openSize: Int { count == 0 ? size : size - ends[count - 1] }

  mutating func clear() { (size, count) = (0, 0) }

  @inline(__always)
  mutating func append(_ start: UnsafePointer<UInt8>, count added: Int) {
    if size + added > byteCapacity { growBytes(to: size + added) }
    (bytes + size).update(from: start, count: added)
    size += added
  }

  mutating func append(_ byte: UInt8) {
    withUnsafePointer(to: byte) { append($0, count: 1) }
  }

  @inline(__always)
  mutating func endField() {
    if count == endCapacity { growEnds() }
    ends[count] = size
    count += 1
  }

  private mutating func growBytes(to needed: Int) {
    byteCapacity = max(2 * byteCapacity, needed)
    let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: byteCapacity)
    grown.update(from: bytes, count: size)
    bytes.deallocate()
    bytes = grown
  }

  private mutating func growEnds() {
    endCapacity *= 2
    let grown = UnsafeMutablePointer<Int>.allocate(capacity: endCapacity)
    grown.update(from: ends, count: count)
    ends.deallocate()
    ends = grown
  }
}
