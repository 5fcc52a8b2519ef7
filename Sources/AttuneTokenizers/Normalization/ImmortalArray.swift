// SPDX-License-Identifier: Apache-2.0

/// Elements of a table that lives as long as the process: nobody counts its holders, for which threads that look something up for
/// every character would wait for each other.
struct ImmortalArray<Element: BitwiseCopyable>: @unchecked Sendable {
  // Never written after the initialiser, never released.
  private let elements: UnsafeBufferPointer<Element>

  init(_ elements: [Element]) {
    let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = memory.initialize(from: elements)
    self.elements = UnsafeBufferPointer(memory)
  }

  var count: Int { elements.count }

  @inline(__always)
  subscript(index: Int) -> Element {
    precondition(elements.indices.contains(index), "place \(index) of \(elements.count)")
    return elements[index]
  }

  /// Returns the first index whose element, and every one after it, meets the condition.
  func firstIndexOfTail(where condition: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
