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

  mutating func truncate(to count: Int) {
    guard count < ids.count else { return }
    ids.removeSubrange(count...)
    if tracksRanges { ranges.removeSubrange(count...) }
  }
}
