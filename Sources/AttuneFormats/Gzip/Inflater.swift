// SPDX-License-Identifier: Apache-2.0

/// Unpacks one deflate stream (RFC 1951) piece by piece.
struct Inflater: ~Copyable {
  enum Failure: Error { case truncated, bad(String) }

  private enum State { case header, stored(Int), packed, done }

  static let window = 1 << 15
  private static let pieceSize = 1 << 16
  /// A match may run this far over the mark at which a piece is handed out, copied in steps of eight.
  private static let overrun = 258 + 8

  var reader: BitReader
  private let output = UnsafeMutablePointer<UInt8>.allocate(
    capacity: window + pieceSize + overrun)
  /// Where the piece begins; before it lies what matches may refer to.
  private var start = 0
  private var written = 0
  private var state = State.header
  private var isLast = false
  private let literals = HuffmanCode(tableBits: 11, payloads: HuffmanCode.literalPayloads)
  private let distances = HuffmanCode(tableBits: 9, payloads: HuffmanCode.distancePayloads)
  private let lengths = HuffmanCode(tableBits: 7, payloads: HuffmanCode.lengthPayloads)

  init(_ source: any ByteSource) { reader = BitReader(source) }

  deinit { output.deallocate() }

  /// Gets ready for the next stream of the same source.
  mutating func restart() {
    (start, written, state, isLast) = (0, 0, .header, false)
  }

  /// Gives the next piece, valid until the next call; empty at the end of the stream.
  mutating func next() throws -> UnsafeRawBufferPointer {
    if written > Self.window {
      let kept = written - Self.window
      (output).update(from: output + kept, count: Self.window)
      written = Self.window
    }
    start = written
    while written < Self.window + Self.pieceSize {
      switch state {
      case .header: try blockHeader()
      case .stored(let rest): try stored(rest)
      case .packed: try packed()
      case .done: return UnsafeRawBufferPointer(start: output + start, count: written - start)
      }
    }
    return UnsafeRawBufferPointer(start: output + start, count: written - start)
  }

  private mutating func blockHeader() throws {
    if isLast {
      reader.align()
      state = .done
      return
    }
    isLast = try bits(1) == 1
    switch try bits(2) {
    case 0:
      reader.align()
      let (length, complement) = (try bits(16), try bits(16))
      guard length == ~complement & 0xFFFF else { throw Failure.bad("stored length") }
      state = .stored(length)
    case 1:
      let fixed = (0..<288).map { UInt8($0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8) }
      try check(literals.build(fixed[...]))
      try check(distances.build([UInt8](repeating: 5, count: 32)[...]))
      state = .packed
    case 2:
      try readCodes()
      state = .packed
    default: throw Failure.bad("block type 3")
    }
  }

  private mutating func stored(_ rest: Int) throws {
    let room = min(rest, Self.window + Self.pieceSize - written)
    guard room > 0 else {
      state = .header
      return
    }
    let target = UnsafeMutableRawBufferPointer(start: output + written, count: room)
    let count = try reader.copy(into: target)
    guard count > 0 else { throw Failure.truncated }
    written += count
    state = count == rest ? .header : .stored(rest - count)
  }

  /// Reads the two codes of a dynamic block (RFC 1951, 3.2.7).
  private mutating func readCodes() throws {
    let literalCount = try bits(5) + 257
    let distanceCount = try bits(5) + 1
    let lengthCount = try bits(4) + 4
    guard literalCount <= 286, distanceCount <= 30 else { throw Failure.bad("too many symbols") }
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    var widths = [UInt8](repeating: 0, count: 19)
    for symbol in order.prefix(lengthCount) { widths[symbol] = UInt8(try bits(3)) }
    try check(lengths.build(widths[...]))
    var all: [UInt8] = []
    while all.count < literalCount + distanceCount {
      try reader.refill()
      let entry = lengths.table[Int(reader.bits & 127)]
      guard entry != 0 else { throw Failure.bad("unknown code") }
      _ = reader.take(Int(entry & 15))
      switch entry >> 8 {
      case 16:
        guard let last = all.last else { throw Failure.bad("repeat of nothing") }
        all += [UInt8](repeating: last, count: 3 + reader.take(2))
      case 17: all += [UInt8](repeating: 0, count: 3 + reader.take(3))
      case 18: all += [UInt8](repeating: 0, count: 11 + reader.take(7))
      case let length: all.append(UInt8(length))
      }
      guard reader.count >= 0 else { throw Failure.truncated }
    }
    guard all.count == literalCount + distanceCount else { throw Failure.bad("repeat too long") }
    guard all[256] != 0 else { throw Failure.bad("no code for the end") }
    try check(literals.build(all[..<literalCount]))
    try check(distances.build(Array(all[literalCount...])[...]))
  }

  private mutating func packed() throws {
    let (literalTable, distanceTable) = (literals.table, distances.table)
    let literalMask = UInt64(1) << UInt64(literals.tableBits) - 1
    let distanceMask = UInt64(1) << UInt64(distances.tableBits) - 1
    let limit = Self.window + Self.pieceSize
    while written < limit {
      // 15 + 5 bits for a length and 15 + 13 for a distance: one refill is enough.
      try reader.refill()
      var entry = literalTable[Int(reader.bits & literalMask)]
      if entry == 0 { entry = literals.longEntry(reader.bits) }
      _ = reader.take(Int(entry & 15))
      if entry >> 24 == HuffmanCode.Kind.literal, entry != 0 {
        guard reader.count >= 0 else { throw Failure.truncated }
        output[written] = UInt8(truncatingIfNeeded: entry >> 8)
        written += 1
        continue
      }
      if entry >> 24 == HuffmanCode.Kind.end {
        guard reader.count >= 0 else { throw Failure.truncated }
        state = .header
        return
      }
      guard entry >> 24 == HuffmanCode.Kind.length else { throw unknownCode() }
      let length = Int(entry >> 8 & 0xFFFF) + reader.take(Int(entry >> 4 & 15))
      entry = distanceTable[Int(reader.bits & distanceMask)]
      if entry == 0 { entry = distances.longEntry(reader.bits) }
      guard entry != 0, entry >> 24 != HuffmanCode.Kind.invalid else { throw unknownCode() }
      _ = reader.take(Int(entry & 15))
      let distance = Int(entry >> 8 & 0xFFFF) + reader.take(Int(entry >> 4 & 15))
      guard reader.count >= 0 else { throw Failure.truncated }
      guard distance <= written else { throw Failure.bad("a match before the beginning") }
      copyMatch(length, distance)
    }
  }

  @inline(__always)
  private mutating func copyMatch(_ length: Int, _ distance: Int) {
    let target = output + written
    let source = target - distance
    if distance >= 8 {
      var index = 0
      repeat {
        let word = UnsafeRawPointer(source + index).loadUnaligned(as: UInt64.self)
        UnsafeMutableRawPointer(target + index).storeBytes(of: word, as: UInt64.self)
        index += 8
      } while index < length
    } else {
      for index in 0..<length { target[index] = source[index] }
    }
    written += length
  }

  /// At the end of the file the missing bits read as zeros, which need not be a code.
  private func unknownCode() -> Failure {
    reader.count < HuffmanCode.longestCode ? .truncated : .bad("unknown code")
  }

  private mutating func bits(_ width: Int) throws -> Int {
    try reader.refill()
    let value = reader.take(width)
    guard reader.count >= 0 else { throw Failure.truncated }
    return value
  }

  private func check(_ problem: String?) throws {
    if let problem { throw Failure.bad(problem) }
  }
}
