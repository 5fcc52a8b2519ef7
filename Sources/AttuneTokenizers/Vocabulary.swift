// SPDX-License-Identifier: Apache-2.0

/// Distinct strings of bytes with the ids 0, 1, 2 …, found by their bytes.
///
/// Swift's strings are not used as keys: they compare by canonical equivalence, and vocabularies hold
/// "é" both in one scalar and in two.
public struct Vocabulary: Sendable {
  private var bytes: [UInt8] = []
  /// Token `id` is `bytes[starts[id]..<starts[id + 1]]`.
  private var starts: [Int] = [0]
  /// Open addressing with linear probing: id + 1 in the low half, 32 bits of the hash in the high.
  private var slots: [UInt64] = [UInt64](repeating: 0, count: 16)
  /// Bytes of the longest token.
  private(set) var longestToken = 0

  /// What stands before a token that begins a word.
  static var noBytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: nil, count: 0) }

  /// Makes an empty vocabulary.
  public init() {}

  /// Makes a vocabulary of the tokens with rising ids; the second of two equal tokens is left out.
  public init(_ tokens: some Sequence<String>) {
    for var token in tokens { token.withUTF8 { _ = insert($0) } }
  }

  /// How many tokens there are.
  public var count: Int { starts.count - 1 }

  /// Returns the bytes of a token.
  public subscript(id: Int32) -> ArraySlice<UInt8> {
    bytes[starts[Int(id)]..<starts[Int(id) + 1]]
  }

  /// Returns the token with the id, or nil if there is none.
  public func token(of id: Int32) -> String? {
    indices.contains(id) ? String(decoding: self[id], as: UTF8.self) : nil
  }

  /// Returns the id of the token, or nil if there is none.
  public func id(of token: String) -> Int32? {
    var token = token
    return token.withUTF8 { id(of: $0) }
  }

  /// All ids.
  public var indices: Range<Int32> { 0..<Int32(count) }

  func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
    find(token, hash: PrefixHash().extended(by: token), after: Self.noBytes)
  }

  /// Returns the id of the token and whether it is new.
  @discardableResult
  mutating func insert(_ token: UnsafeBufferPointer<UInt8>) -> (id: Int32, isNew: Bool) {
    let hash = PrefixHash().extended(by: token)
    if let id = find(token, hash: hash, after: Self.noBytes) { return (id, false) }
    let id = Int32(count)
    bytes.append(contentsOf: token)
    starts.append(bytes.count)
    longestToken = max(longestToken, token.count)
    if 2 * count > slots.count { grow() } else { place(id, hash: hash) }
    return (id, true)
  }

  /// Appends a token under the next id; of equal tokens the last is found.
  mutating func append(_ token: UnsafeBufferPointer<UInt8>) {
    bytes.append(contentsOf: token)
    starts.append(bytes.count)
    longestToken = max(longestToken, token.count)
    if 2 * count > slots.count {
      grow()
    } else {
      place(Int32(count - 1), hash: PrefixHash().extended(by: token))
    }
  }

  /// Returns the id of the token that is `prefix` and `rest`; `hash` is the hash of both.
  @inline(__always)
  func find(
    _ rest: UnsafeBufferPointer<UInt8>, hash: PrefixHash, after prefix: UnsafeBufferPointer<UInt8>
  ) -> Int32? {
    let mixed = hash.mixed
    let tag = mixed & 0xFFFF_FFFF_0000_0000
    return slots.withUnsafeBufferPointer { slots in
      var slot = Int(truncatingIfNeeded: mixed) & (slots.count - 1)
      while slots[slot] != 0 {
        let entry = slots[slot]
        if entry & 0xFFFF_FFFF_0000_0000 == tag {
          let id = Int32(truncatingIfNeeded: entry & 0xFFFF_FFFF) - 1
          if matches(id, prefix, rest) { return id }
        }
        slot = (slot + 1) & (slots.count - 1)
      }
      return nil
    }
  }

  /// Returns the longest token that is `prefix` and the beginning of the text, and the length of that
  /// beginning.
  func longestPrefix(
    of text: UnsafeBufferPointer<UInt8>, after prefix: UnsafeBufferPointer<UInt8> = noBytes
  ) -> (id: Int32, length: Int)? {
    let longest = min(text.count, longestToken - prefix.count)
    guard longest > 0 else { return nil }
    return withUnsafeTemporaryAllocation(of: PrefixHash.self, capacity: longest) { hashes in
      var hash = PrefixHash().extended(by: prefix)
      for index in 0..<longest {
        hash.extend(by: text[index])
        hashes.initializeElement(at: index, to: hash)
      }
      for length in stride(from: longest, to: 0, by: -1) {
        let isBoundary = length == text.count || text[length] & 0xC0 != 0x80
        guard isBoundary else { continue }
        let beginning = UnsafeBufferPointer(rebasing: text[..<length])
        if let id = find(beginning, hash: hashes[length - 1], after: prefix) { return (id, length) }
      }
      return nil
    }
  }

  private func matches(
    _ id: Int32, _ prefix: UnsafeBufferPointer<UInt8>, _ rest: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let start = starts[Int(id)]
    guard starts[Int(id) + 1] - start == prefix.count + rest.count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      for offset in 0..<prefix.count where bytes[start + offset] != prefix[offset] { return false }
      let middle = start + prefix.count
      for offset in 0..<rest.count where bytes[middle + offset] != rest[offset] { return false }
      return true
    }
  }

  private mutating func place(_ id: Int32, hash: PrefixHash) {
    let mixed = hash.mixed
    let tag = mixed & 0xFFFF_FFFF_0000_0000
    var slot = Int(truncatingIfNeeded: mixed) & (slots.count - 1)
    while slots[slot] != 0 {
      let entry = slots[slot]
      if entry & 0xFFFF_FFFF_0000_0000 == tag,
        self[Int32(truncatingIfNeeded: entry & 0xFFFF_FFFF) - 1] == self[id]
      {
        break
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    slots[slot] = tag | UInt64(id + 1)
  }

  private mutating func grow() {
    slots = [UInt64](repeating: 0, count: 4 * slots.count)
    for id in indices {
      place(id, hash: self[id].withUnsafeBufferPointer { PrefixHash().extended(by: $0) })
    }
  }
}

extension Vocabulary: Equatable {
  /// Returns whether both hold the same tokens under the same ids.
  public static func == (left: Vocabulary, right: Vocabulary) -> Bool {
    left.starts == right.starts && left.bytes == right.bytes
  }
}

/// A hash that grows byte by byte, so that one pass gives the hash of every prefix (FNV-1a).
struct PrefixHash {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  /// The hash with its bits spread: the low ones choose the slot, the high ones are compared.
  @inline(__always)
  var mixed: UInt64 {
    let product = (state ^ state &>> 32) &* 0x9E37_79B9_7F4A_7C15
    return product ^ product &>> 32
  }

  @inline(__always)
  mutating func extend(by byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
  }

  @inline(__always)
  func extended(by bytes: some Sequence<UInt8>) -> PrefixHash {
    var hash = self
    for byte in bytes { hash.extend(by: byte) }
    return hash
  }
}
