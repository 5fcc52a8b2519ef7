// SPDX-License-Identifier: Apache-2.0

internal import AttuneTensors

/// Sums the gradients of micro-batches in a fixed binary tree.
///
/// The tree depends on the number of micro-batches alone, and a subtree of 2^k neighbours is summed before it meets
/// another; only one partial sum a level is alive.
struct GradientSum {
  private var partial: [(level: Int, gradients: Gradients)] = []

  mutating func add(_ gradients: Gradients) {
    var (level, sum) = (0, gradients)
    while let last = partial.last, last.level == level {
      partial.removeLast()
      sum = Self.sum(last.gradients, sum)
      level += 1
    }
    partial.append((level, sum))
  }

  /// The sum of everything added.
  consuming func total() -> Gradients {
    guard var sum = partial.popLast()?.gradients else { return Gradients() }
    while let next = partial.popLast() { sum = Self.sum(next.gradients, sum) }
    return sum
  }

  private static func sum(_ left: Gradients, _ right: Gradients) -> Gradients {
    var result = left
    result.add(right)
    return result
  }
}
