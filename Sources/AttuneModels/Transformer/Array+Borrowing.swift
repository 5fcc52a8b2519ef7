// SPDX-License-Identifier: Apache-2.0

extension Array {
  /// Calls `body` with each element and its index without copying the element.
  ///
  /// A copy of a layer counts the holders of a hundred buffers up and down again; where several threads do so for every token,
  /// they wait for each other's counts.
  func forEachBorrowed(_ body: (Int, borrowing Element) -> Void) {
    withUnsafeBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      for index in elements.indices {
        lend(base + index) { (element: borrowing Element) in body(index, element) }
      }
    }
  }
}

/// Calls `body` with what a pointer points to; since that need not be copyable, it is not copied.
private func lend<Value: ~Copyable>(
  _ pointer: UnsafePointer<Value>, _ body: (borrowing Value) -> Void
) {
  body(pointer.pointee)
}
