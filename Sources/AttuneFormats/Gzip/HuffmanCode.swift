// SPDX-License-Identifier: Apache-2.0

/// The code of one alphabet of a deflate block (RFC 1951, 3.2.2): a table for short codes, counting for
/// the few longer ones.
///
/// An entry packs: bits 0-3 length of the code (0: not in the table), 4-7 extra bits, 8-23 base value,
/// 24-25 `Kind`.
final class HuffmanCode {
  enum Kind {
    static let literal: UInt32 = 0
    static let length: UInt32 = 1
    static let end: UInt32 = 2
    static let invalid: UInt32 = 3
  }

  static let longestCode = 15
  let tableBits: Int
  let table: UnsafeMutablePointer<UInt32>
  private let payloads: [UInt32]
  private var counts = [Int](repeating: 0, count: longestCode + 1)
  private var symbols: [Int] = []

  init(tableBits: Int, payloads: [UInt32]) {
    (self.tableBits, self.payloads) = (tableBits, payloads)
    table = .allocate(capacity: 1 << tableBits)
    table.initialize(repeating: 0, count: 1 << tableBits)
  }

  deinit { table.deallocate() }

  /// Builds the canonical code; returns what is wrong with the lengths, if anything.
  func build(_ lengths: ArraySlice<UInt8>) -> String? {
    counts = [Int](repeating: 0, count: Self.longestCode + 1)
    for length in lengths { counts[Int(length)] += 1 }
    let used = lengths.count - counts[0]
    counts[0] = 0
    var free = 1
    for length in 1...Self.longestCode {
      free = free * 2 - counts[length]
      if free < 0 { return "too many codes" }
    }
    // A single code of one bit is what writers emit for an alphabet of one symbol; none, for none.
    if free > 0, used > 1 || (used == 1 && counts[1] != 1) { return "too few codes" }
    fill(lengths)
    return nil
  }

  private func fill(_ lengths: ArraySlice<UInt8>) {
    table.update(repeating: 0, count: 1 << tableBits)
    var offsets = [Int](repeating: 0, count: Self.longestCode + 2)
    var codes = offsets
    for length in 1...Self.longestCode {
      offsets[length + 1] = offsets[length] + counts[length]
      codes[length + 1] = (codes[length] + counts[length]) << 1
    }
    symbols = [Int](repeating: 0, count: offsets[Self.longestCode + 1])
    for (symbol, byte) in lengths.enumerated() where byte > 0 {
      let length = Int(byte)
      symbols[offsets[length]] = symbol
      offsets[length] += 1
      let code = codes[length]
      codes[length] += 1
      guard length <= tableBits else { continue }
      var slot = reversed(code, length)
      while slot < 1 << tableBits {
        table[slot] = payloads[symbol] | UInt32(length)
        slot += 1 << length
      }
    }
  }

  private func reversed(_ code: Int, _ length: Int) -> Int {
    var (rest, result) = (code, 0)
    for _ in 0..<length {
      result = result << 1 | rest & 1
      rest >>= 1
    }
    return result
  }

  /// Returns the entry of a code that is too long for the table, or 0 if no code starts like this.
  func longEntry(_ bits: UInt64) -> UInt32 {
    var (code, first, index, rest) = (0, 0, 0, bits)
    for length in 1...Self.longestCode {
      code |= Int(rest & 1)
      rest >>= 1
      if code - first < counts[length] {
        return payloads[symbols[index + code - first]] | UInt32(length)
      }
      index += counts[length]
      first = (first + counts[length]) << 1
      code <<= 1
    }
    return 0
  }
}

extension HuffmanCode {
  /// Bytes, the end, and match lengths from 3 to 258 (RFC 1951, 3.2.5).
  static let literalPayloads: [UInt32] = {
    var payloads = (0..<256).map { UInt32($0) << 8 | Kind.literal << 24 }
    payloads.append(Kind.end << 24)
    var base: UInt32 = 3
    for symbol in 257..<285 {
      let extra = symbol < 265 ? 0 : UInt32(symbol - 261) / 4
      payloads.append(extra << 4 | base << 8 | Kind.length << 24)
      base += 1 << extra
    }
    payloads.append(258 << 8 | Kind.length << 24)
    return payloads + [Kind.invalid << 24, Kind.invalid << 24]
  }()

  /// Distances from 1 to 32768.
  static let distancePayloads: [UInt32] = {
    var payloads: [UInt32] = []
    var base: UInt32 = 1
    for symbol in 0..<30 {
      let extra = symbol < 4 ? 0 : UInt32(symbol - 2) / 2
      payloads.append(extra << 4 | base << 8)
      base += 1 << extra
    }
    return payloads + [Kind.invalid << 24, Kind.invalid << 24]
  }()

  /// The nineteen symbols that describe the lengths of the other two codes.
  static let lengthPayloads: [UInt32] = (0..<19).map { UInt32($0) << 8 }
}
