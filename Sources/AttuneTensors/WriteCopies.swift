// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Counts the copies that copy-on-write makes.
enum WriteCopies {
  private static let counter = Atomic<Int>(0)

  static var count: Int { counter.load(ordering: .relaxed) }

  static func add() { counter.wrappingAdd(1, ordering: .relaxed) }
}
