// SPDX-License-Identifier: Apache-2.0

/// Ids of whole words, found by their bytes; short words without a look at the words themselves.
struct WordTable: Sendable {
  /// A word of at most 15 bytes, its length in the topmost byte; zero is no word.
  private struct Key: Equatable {
    var low: UInt64 = 0
    var high: UInt64 = 0
  }

  private static let longestShort = 15

  private var keys: [Key]
  private var ids: [Int32]
  private var shortCount = 0
  private var longWords = Vocabulary()
  private var longIDs: [Int32] = []

  init(capacity: Int = 0) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    keys = [Key](repeating: Key(), count: size)
    ids = [Int32](repeating: 0, count: size)
  }

  /// Returns the id of a word of the text.
  @inline(__always)
  func id(of word: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard word.count <= Self.longestShort else {
      let rest = UnsafeBufferPointer(rebasing: bytes[word])
      return longWords.id(of: rest).map { longIDs[Int($0)] }
    }
    let key = Self.key(of: word, in: bytes)
    return keys.withUnsafeBufferPointer { keys in
      var index = Self.place(of: key) & (keys.count - 1)
      while keys[index].high != 0 {
        if keys[index] == key { return ids.withUnsafeBufferPointer { $0[index] } }
        index = (index + 1) & (keys.count - 1)
      }
      return nil
    }
  }

  /// Adds a word that is not empty and not yet there.
  mutating func insert(_ word: UnsafeBufferPointer<UInt8>, id: Int32) {
    guard word.count <= Self.longestShort else {
      if longWords.insert(word).isNew { longIDs.append(id) }
      return
    }
    if 2 * (shortCount + 1) > keys.count { grow() }
    shortCount += 1
    place(Self.key(of: 0..<word.count, in: word), id)
  }

  private mutating func place(_ key: Key, _ id: Int32) {
    var index = Self.place(of: key) & (keys.count - 1)
    while keys[index].high != 0 { index = (index + 1) & (keys.count - 1) }
    (keys[index], ids[index]) = (key, id)
  }

  private mutating func grow() {
    let (oldKeys, oldIDs) = (keys, ids)
    keys = [Key](repeating: Key(), count: 2 * oldKeys.count)
    ids = [Int32](repeating: 0, count: 2 * oldKeys.count)
    for (key, id) in zip(oldKeys, oldIDs) where key.high != 0 { place(key, id) }
  }

  @inline(__always)
  private static func place(of key: Key) -> Int {
    let mixed = (key.low ^ (key.high &* 0xFF51_AFD7_ED55_8CCD)) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed &>> 32)
  }

  @inline(__always)
  private static func key(of word: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Key {
    let length = word.count
    let raw = UnsafeRawBufferPointer(bytes)
    var key = Key()
    if word.lowerBound + 16 <= bytes.count {
      key.low = raw.loadUnaligned(fromByteOffset: word.lowerBound, as: UInt64.self).littleEndian
      key.high =
        raw.loadUnaligned(fromByteOffset: word.lowerBound + 8, as: UInt64.self).littleEndian
      if length < 8 {
        key.low &= (1 &<< UInt64(8 * length)) &- 1
        key.high = 0
      } else {
        key.high &= (1 &<< UInt64(8 * (length - 8))) &- 1
      }
    } else {
      key = nearEnd(of: word, in: raw)
    }
    key.high |= UInt64(length) &<< 56
    return key
  }

  /// Reads the beginning and the end of a word, which may overlap, where more bytes cannot be read.
  private static func nearEnd(of word: Range<Int>, in raw: UnsafeRawBufferPointer) -> Key {
    func load<Part: FixedWidthInteger>(_ position: Int, _ part: Part.Type) -> UInt64 {
      UInt64(truncatingIfNeeded: raw.loadUnaligned(fromByteOffset: position, as: part).littleEndian)
    }
    let (length, start, end) = (word.count, word.lowerBound, word.upperBound)
    if length >= 8 {
      return Key(
        low: load(start, UInt64.self), high: load(end - 8, UInt64.self) >> (8 * (16 - length)))
    }
    if length >= 4 {
      let last = load(end - 4, UInt32.self) << (8 * (length - 4))
      return Key(low: load(start, UInt32.self) | last)
    }
    let middle = load(start + length / 2, UInt8.self) << (8 * (length / 2))
    let last = load(end - 1, UInt8.self) << (8 * (length - 1))
    return Key(low: load(start, UInt8.self) | middle | last)
  }
}
