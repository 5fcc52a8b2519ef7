// SPDX-License-Identifier: Apache-2.0

/// Bits from a source, lowest first; up to 56 at hand after `refill()`.
///
/// `count` is allowed to fall below zero, which means that the source ended too early; callers look
/// once after a group of reads.
struct BitReader: ~Copyable {
  let source: any ByteSource
  var bits: UInt64 = 0
  var count = 0
  /// Bytes taken out of the source before `input`.
  private var consumed = 0
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
  private var position = 0
  private var end = 0

  init(_ source: any ByteSource) { self.source = source }

  deinit { input.deallocate() }

  /// Bytes before the next bit.
  var offset: Int { consumed + position - max(0, count) / 8 }

  @inline(__always)
  mutating func refill() throws {
    guard position + 8 <= end else { return try refillSlowly() }
    // Bits above `count` may already hold the bytes at `position`; adding them again changes nothing.
    bits |=
      input.loadUnaligned(fromByteOffset: position, as: UInt64.self).littleEndian << UInt64(count)
    position += (63 - count) >> 3
    count |= 56
  }

  private mutating func refillSlowly() throws {
    while count <= 56 {
      if try position == end && !load() { return }
      bits |= UInt64(input[position]) << UInt64(count)
      position += 1
      count += 8
    }
  }

  private mutating func load() throws -> Bool {
    consumed += end
    (position, end) = (0, 0)
    end = try source.read(into: input)
    return end > 0
  }

  @inline(__always)
  mutating func take(_ width: Int) -> Int {
    let value = Int(bits & (1 << UInt64(width) - 1))
    bits >>= UInt64(width)
    count -= width
    return value
  }

  /// Drops what is left of the current byte.
  mutating func align() { _ = take(count & 7) }

  /// Returns the next whole byte after `align()`, or nil at the end.
  mutating func byte() throws -> UInt8? {
    if count >= 8 { return UInt8(take(8)) }
    bits = 0
    if try position == end && !load() { return nil }
    position += 1
    return input[position - 1]
  }

  /// Copies whole bytes after `align()`; returns how many, 0 only at the end.
  mutating func copy(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    if count >= 8 {
      target[0] = UInt8(take(8))
      return 1
    }
    bits = 0
    if try position == end && !load() { return 0 }
    let length = min(target.count, end - position)
    target.copyMemory(
      from: UnsafeRawBufferPointer(
        rebasing: UnsafeRawBufferPointer(input)[position..<(position + length)]))
    position += length
    return length
  }
}
