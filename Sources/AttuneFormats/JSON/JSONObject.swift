// SPDX-License-Identifier: Apache-2.0

import AttuneSystem

/// The members of a JSON object, in order, with keys compared by their UTF-8 bytes.
///
/// Swift's own string equality merges canonically equal keys ("é" in one scalar and in two), and a
/// vocabulary holds both; so neither `Dictionary` nor `==` is used.
public struct JSONObject: Sendable {
  /// A key with its value.
  public struct Member: Sendable, Equatable {
    /// The key, unescaped.
    public let key: String
    /// What stands under the key.
    public fileprivate(set) var value: JSONValue

    /// Returns whether key (by bytes) and value are the same.
    public static func == (left: Member, right: Member) -> Bool {
      left.key.hasSameUTF8(as: right.key) && left.value == right.value
    }
  }

  /// The members in the order of the file, or of insertion.
  public private(set) var members: [Member] = []
  /// Open addressing with linear probing: the index of a member or -1; empty while there are few.
  private var slots: [Int32] = []
  private static let searchedLinearly = 8

  /// Makes an object without members.
  public init() {}

  /// Makes an object of the members in this order; a key twice is a mistake of the program.
  public init(_ members: some Sequence<(String, JSONValue)>) {
    for (key, value) in members {
      precondition(append(key, value), "JSONObject: the key '\(key)' is given twice")
    }
  }

  /// How many members there are.
  public var count: Int { members.count }
  /// Whether there is no member.
  public var isEmpty: Bool { members.isEmpty }
  /// The keys in order.
  public var keys: [String] { members.map(\.key) }

  /// The value under the key; setting appends or replaces in place, setting nil removes.
  public subscript(key: String) -> JSONValue? {
    get { position(of: key).map { members[$0].value } }
    set {
      switch (position(of: key), newValue) {
      case (let place?, let value?): members[place].value = value
      case (let place?, nil):
        members.remove(at: place)
        slots = []
        reindex()
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  /// Appends a member and returns true, or returns false if the key is there already.
  @discardableResult
  mutating func append(_ key: String, _ value: JSONValue) -> Bool {
    guard position(of: key) == nil else { return false }
    members.append(Member(key: key, value: value))
    if members.count > Self.searchedLinearly {
      if members.count * 2 > slots.count { reindex() } else { enter(members.count - 1) }
    }
    return true
  }

  private func position(of key: String) -> Int? {
    if slots.isEmpty { return members.firstIndex { $0.key.hasSameUTF8(as: key) } }
    var slot = key.utf8Hash & (slots.count - 1)
    while slots[slot] >= 0 {
      let place = Int(slots[slot])
      if members[place].key.hasSameUTF8(as: key) { return place }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private mutating func reindex() {
    guard members.count > Self.searchedLinearly else { return }
    var capacity = 32
    while capacity < members.count * 4 { capacity *= 2 }
    slots = [Int32](repeating: -1, count: capacity)
    for place in members.indices { enter(place) }
  }

  private mutating func enter(_ place: Int) {
    var slot = members[place].key.utf8Hash & (slots.count - 1)
    while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = Int32(place)
  }
}

extension JSONObject: Equatable {
  /// Returns whether both have the same members in the same order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members == right.members
  }
}

extension String {
  /// Returns whether both strings are the same bytes, not merely canonically equal.
  package func hasSameUTF8(as other: String) -> Bool {
    guard utf8.count == other.utf8.count else { return false }
    return withUTF8Bytes { left in
      other.withUTF8Bytes { right in
        guard let first = left.baseAddress, let second = right.baseAddress else { return true }
        return memcmp(first, second, left.count) == 0
      }
    }
  }

  /// A hash of the UTF-8 bytes, keyed anew in each process so that no file can aim at collisions.
  fileprivate var utf8Hash: Int {
    var hasher = Hasher()
    withUTF8Bytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    return hasher.finalize()
  }

  @inline(__always)
  package func withUTF8Bytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
    return Array(utf8).withUnsafeBufferPointer(body)
  }
}
