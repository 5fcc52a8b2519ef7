// SPDX-License-Identifier: Apache-2.0

/// Sequences dealt to batches of like length: no padding is saved by that, but tasks of like size share the work better.
enum LengthBatches {
  /// Returns the indices of each batch, shortest sequences first, with at most `budget` tokens in one; a longer sequence is a batch
  /// of its own.
  static func cut(_ lengths: [Int], budget: Int) -> [[Int]] {
    let order = lengths.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    var batches: [[Int]] = []
    var tokens = 0
    for index in order {
      tokens += lengths[index]
      if batches.isEmpty || tokens > budget {
        batches.append([])
        tokens = lengths[index]
      }
      batches[batches.count - 1].append(index)
    }
    return batches
  }
}
