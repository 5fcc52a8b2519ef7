// SPDX-License-Identifier: Apache-2.0

/// A map from pairs of numbers to pairs of numbers; nothing is ever removed.
struct PairTable: Sendable, Equatable {
  struct Value: Sendable, Equatable {
    let rank: UInt32
    let id: Int32
  }

  private struct Slot: Sendable, Equatable {
    /// Both numbers of the key, or all ones where the slot is free.
    var key: UInt64 = .max
    var value = Value(rank: .max, id: 0)
  }

  private var slots: [Slot]
  private(set) var count = 0

  init(capacity: Int = 0) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    slots = [Slot](repeating: Slot(), count: size)
  }

  /// Returns the value of a pair of ids that are not negative.
  @inline(__always)
  subscript(first: Int32, second: Int32) -> Value? {
    let key = Self.key(first, second)
    return slots.withUnsafeBufferPointer { slots in
      var index = Self.place(of: key) & (slots.count - 1)
      while slots[index].key != .max {
        if slots[index].key == key { return slots[index].value }
        index = (index + 1) & (slots.count - 1)
      }
      return nil
    }
  }

  /// Sets the value of a pair, in place of the one that it may have.
  mutating func set(_ first: Int32, _ second: Int32, to value: Value) {
    if 2 * (count + 1) > slots.count { grow() }
    if place(Slot(key: Self.key(first, second), value: value)) { count += 1 }
  }

  private mutating func place(_ slot: Slot) -> Bool {
    var index = Self.place(of: slot.key) & (slots.count - 1)
    while slots[index].key != .max, slots[index].key != slot.key {
      index = (index + 1) & (slots.count - 1)
    }
    let isNew = slots[index].key == .max
    slots[index] = slot
    return isNew
  }

  private mutating func grow() {
    let old = slots
    slots = [Slot](repeating: Slot(), count: 2 * old.count)
    for slot in old where slot.key != .max { _ = place(slot) }
  }

  @inline(__always)
  private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
  }

  @inline(__always)
  private static func place(of key: UInt64) -> Int {
    let product = (key ^ key &>> 29) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: product &>> 32)
  }
}
