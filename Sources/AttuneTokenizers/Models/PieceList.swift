// SPDX-License-Identifier: Apache-2.0

/// The pieces that a text was cut into: their ids, and where they lie when that is wanted.
struct PieceList {
  var ids: [Int32] = []
  /// Bytes of the normalised text at first, of the source in the end; empty when not tracked.
  var ranges: [Range<Int>] = []
  let tracksRanges: Bool

  init(tracksRanges: Bool) { self.tracksRanges = tracksRanges }

  @inline(__always)
  mutating func append(_ id: Int32, _ range: Range<Int>) {
    ids.append(id)
    if tracksRanges { ranges.append(range) }
  }

  mutating func truncate(to count: Int, from direction: Truncation.Direction = .right) {
    let excess = ids.count - count
    guard excess > 0 else { return }
    switch direction {
    case .right:
      ids.removeLast(excess)
      if tracksRanges { ranges.removeLast(excess) }
    case .left:
      ids.removeFirst(excess)
      if tracksRanges { ranges.removeFirst(excess) }
    }
  }

  /// Replaces the ranges from an index on.
  @inline(__always)
  mutating func mapRanges(from start: Int, _ map: (Range<Int>) -> Range<Int>) {
    guard tracksRanges else { return }
    for index in start..<ranges.count { ranges[index] = map(ranges[index]) }
  }
}
