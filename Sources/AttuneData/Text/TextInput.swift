// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneSystem

/// Checked UTF-8 of a source in a buffer of constant size.
///
/// All bytes before `end` are valid and none is zero. A byte that breaks this ends the buffer early, and
/// the next `fill()` throws: so the reader has counted its lines up to the place.
struct TextInput: ~Copyable {
  private static let capacity = 1 << 18

  let name: String
  let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
  var position = 0
  private(set) var end = 0
  /// Bytes of the source before the buffer.
  private var base = 0
  /// Bytes after `end` that wait for the rest of their character.
  private var tail = 0
  private var failure: DataFileError.Problem?
  private let source: any ByteSource

  init(_ source: any ByteSource, encoding: TextEncoding) throws {
    name = source.name
    self.source =
      encoding == .utf8 ? source : TranscodingByteSource(source, from: encoding)
    try start()
  }

  deinit { bytes.deallocate() }

  /// Bytes of the source before the position.
  var offset: Int { base + position }

  /// What lies ahead in the buffer, to guess a format from.
  var sample: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: bytes + position, count: end - position)
  }

  /// Whether a byte is at hand, after reading on if none is left.
  @inline(__always)
  mutating func hasMore(line: Int, lineStart: Int) throws -> Bool {
    if position < end { return true }
    if failure == nil { try fill() }
    if position < end { return true }
    guard let failure else { return false }
    throw DataFileError(file: name, line: line, column: offset - lineStart + 1, failure)
  }

  private mutating func start() throws {
    // What a format is guessed from must not depend on the pieces that a pipe happens to give.
    try fill(untilLineEnds: true)
    if sample.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// Whether the file starts as UTF-16 does: with its mark, or with zeros in every other byte.
  private func startsAsUTF16(_ count: Int) -> Bool {
    guard base == 0, count >= 2 else { return false }
    let (first, second) = (bytes[0], bytes[1])
    if (first, second) == (0xFF, 0xFE) || (first, second) == (0xFE, 0xFF) { return true }
    // One zero alone is a stray NUL, of which the reader tells better where it stands.
    let alternates =
      count < 4 || ((bytes[2] == 0) == (first == 0) && (bytes[3] == 0) == (second == 0))
    return (first == 0) != (second == 0) && alternates
  }

  /// Moves the tail to the front and reads on: what the source has at hand, or until a line ends, the buffer is full, or the
  /// source is at its end.
  private mutating func fill(untilLineEnds: Bool = false) throws {
    base += end
    if tail > 0 { bytes.update(from: bytes + end, count: tail) }
    var count = tail
    (position, end, tail) = (0, 0, 0)
    var (isAtEnd, isEnough) = (false, !untilLineEnds)
    while count < Self.capacity {
      let room = UnsafeMutableRawBufferPointer(
        start: bytes + count, count: Self.capacity - count)
      let read = try source.read(into: room)
      isAtEnd = read == 0
      count += read
      // A pipe gives what it has; waiting for more would hold back whole lines.
      isEnough = isEnough || holdsLineEnd(count - read..<count)
      if isAtEnd || (isEnough && count > 4) { break }
    }
    if startsAsUTF16(count) { throw DataFileError(file: name, .isUTF16) }
    check(count, isAtEnd: isAtEnd)
  }

  private func holdsLineEnd(_ range: Range<Int>) -> Bool {
    UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count)
      .contains { $0 == 0x0A || $0 == 0x0D }
  }

  private mutating func check(_ count: Int, isAtEnd: Bool) {
    end = count
    if let zero = memchr(bytes, 0, count) {
      end = UnsafePointer(zero.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(bytes)
      failure = .nulByte(offset: base + end)
    }
    let checked = UnsafeBufferPointer(start: bytes, count: end)
    guard let invalid = UTF8Check.firstInvalidOffset(in: checked) else { return }
    // The last character may be cut by the end of the buffer; it is looked at again with its rest.
    if failure == nil, !isAtEnd, end - invalid < 4, bytes[invalid] >= 0xC2 {
      tail = end - invalid
    } else {
      failure = .invalidUTF8(offset: base + invalid)
    }
    end = invalid
  }
}
