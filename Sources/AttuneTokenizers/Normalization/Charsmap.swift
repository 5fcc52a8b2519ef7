// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// The replacement rules of SentencePiece in their compiled form: a double array over UTF-8 that leads
/// to places in a list of texts, each ended by NUL.
struct Charsmap: Sendable, Equatable {
  /// Why bytes are not a map.
  enum Problem: Error, Equatable {
    case truncated(arrayBytes: Int, bytes: Int)
    case noArray
    case invalidUTF8(offset: Int)
    case outOfRange(unit: Int, offset: Int)

    var description: String {
      switch self {
      case .truncated(let arrayBytes, let bytes):
        "the array takes \(arrayBytes) bytes, but only \(bytes) are there."
      case .noArray: "expected an array of at least one unit of 4 bytes."
      case .invalidUTF8(let offset):
        "the replacements are not valid UTF-8 at byte \(offset) after the array."
      case .outOfRange(let unit, let offset):
        "unit \(unit) of the array leads to \(offset), which is out of range."
      }
    }
  }

  /// The bytes as they stand in a file.
  let bytes: [UInt8]
  /// Of a unit, the low byte is the label, bit 8 says that a value follows, the rest is the offset.
  private let units: [UInt32]
  private let replacements: [UInt8]

  init(_ bytes: [UInt8]) throws(Problem) {
    guard bytes.count >= 4 else { throw .truncated(arrayBytes: 4, bytes: bytes.count) }
    func word(_ start: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
    }
    // A size that is no multiple of four is cut, as the other readers do.
    let unitCount = Int(word(0)) / 4
    guard 4 * unitCount <= bytes.count - 4 else {
      throw .truncated(arrayBytes: 4 * unitCount, bytes: bytes.count - 4)
    }
    guard unitCount > 0 else { throw .noArray }
    self.bytes = bytes
    units = (0..<unitCount).map { word(4 + 4 * $0) }
    replacements = Array(bytes[(4 + 4 * unitCount)...])
    if let offset = UTF8Check.firstInvalidOffset(in: replacements) {
      throw .invalidUTF8(offset: offset)
    }
    try checkValues()
  }

  /// Checks that whatever unit has a value leads to the beginning of a scalar.
  private func checkValues() throws(Problem) {
    for (index, unit) in units.enumerated() where unit & 0x8000_0100 == 0x100 {
      let leaf = index ^ Self.offset(of: unit)
      guard leaf < units.count else { throw .outOfRange(unit: index, offset: leaf) }
      let place = Int(units[leaf] & 0x7FFF_FFFF)
      guard place < replacements.count, replacements[place] & 0xC0 != 0x80 else {
        throw .outOfRange(unit: leaf, offset: place)
      }
    }
  }

  @inline(__always)
  private static func offset(of unit: UInt32) -> Int {
    Int(unit >> 10) << Int((unit & 0x200) >> 6)
  }

  /// Calls `body` with the replacement of the shortest beginning that a rule is for; returns nil if
  /// there is none.
  @inline(__always)
  func withReplacement<Result>(
    of text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result? {
    guard let match = match(of: text, longest: false) else { return nil }
    return withReplacement(at: match.place, body)
  }

  /// Calls `body` with the length of the longest beginning that a rule is for, and its replacement; returns nil if there
  /// is none.
  @inline(__always)
  func withLongestReplacement<Result>(
    of text: UnsafeBufferPointer<UInt8>, _ body: (Int, UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result? {
    guard let match = match(of: text, longest: true) else { return nil }
    return withReplacement(at: match.place) { body(match.length, $0) }
  }

  @inline(__always)
  private func withReplacement<Result>(
    at place: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    replacements.withUnsafeBufferPointer { replacements in
      var end = place
      while end < replacements.count, replacements[end] != 0 { end += 1 }
      return body(UnsafeBufferPointer(rebasing: replacements[place..<end]))
    }
  }

  /// Whether a rule is for a beginning of the text.
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    match(of: text, longest: false) != nil
  }

  @inline(__always)
  private func match(
    of text: UnsafeBufferPointer<UInt8>, longest: Bool
  ) -> (place: Int, length: Int)? {
    units.withUnsafeBufferPointer { units in
      var node = Self.offset(of: units[0])
      var found: (place: Int, length: Int)?
      for (index, byte) in text.enumerated() {
        node ^= Int(byte)
        // A hostile array may lead anywhere; each step takes a byte of the text, so none is endless.
        guard byte != 0, node < units.count else { return found }
        let unit = units[node]
        guard unit & 0x8000_00FF == UInt32(byte) else { return found }
        node ^= Self.offset(of: unit)
        guard unit & 0x100 != 0 else { continue }
        found = (Int(units[node] & 0x7FFF_FFFF), index + 1)
        if !longest { return found }
      }
      return found
    }
  }

  static func == (left: Charsmap, right: Charsmap) -> Bool { left.bytes == right.bytes }
}
