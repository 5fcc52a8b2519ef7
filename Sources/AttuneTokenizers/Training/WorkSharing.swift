// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How the trainers share work among threads, which are another floor's.
public protocol WorkSharing: Sendable {
  /// How many pieces of work go on at the same time.
  var threadCount: Int { get }
  /// Calls `body` once for each index below `count`, in any order, and returns when all calls have.
  func forEach(_ count: Int, _ body: @Sendable (Int) -> Void)
}

/// All work on the thread that asks for it.
public struct SerialWork: WorkSharing {
  /// The one thread.
  public var threadCount: Int { 1 }

  /// Makes the choice of one thread.
  public init() {}

  /// Calls `body` for each index, in order.
  public func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    for index in 0..<count { body(index) }
  }
}

extension WorkSharing {
  /// Returns what `body` gives for each index below `count`, in their order.
  func map<Element: Sendable>(
    _ count: Int, _ body: @Sendable (Int) -> Element
  ) -> [Element] {
    let results = SharedResults<Element>(count)
    forEach(count) { results.set($0, to: body($0)) }
    return results.all
  }
}

/// Results that several threads put in their places.
private final class SharedResults<Element: Sendable>: Sendable {
  private let elements: Mutex<[Element?]>

  init(_ count: Int) { elements = Mutex([Element?](repeating: nil, count: count)) }

  func set(_ index: Int, to element: Element) { elements.withLock { $0[index] = element } }

  var all: [Element] { elements.withLock { $0.compactMap { $0 } } }
}
