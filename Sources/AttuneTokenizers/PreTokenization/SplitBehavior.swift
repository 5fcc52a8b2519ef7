// SPDX-License-Identifier: Apache-2.0

/// What becomes of the places where text is cut.
public enum SplitBehavior: String, Sendable, CaseIterable {
  /// They go.
  case removed = "Removed"
  /// Each is a piece of its own.
  case isolated = "Isolated"
  /// Each joins the piece before it.
  case mergedWithPrevious = "MergedWithPrevious"
  /// Each joins the piece after it.
  case mergedWithNext = "MergedWithNext"
  /// Neighbouring ones are one piece.
  case contiguous = "Contiguous"

  /// Calls `body` with each piece of the range.
  func forEachPiece(
    of finder: SplitFinder, invertedly isInverted: Bool, in bytes: UnsafeBufferPointer<UInt8>,
    _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    var pending: (range: Range<Int>, isMatch: Bool)?
    finder.forEachSegment(in: bytes, range) { segment, isFound in
      let isMatch = isFound != isInverted
      switch self {
      case .removed: if !isMatch { body(segment) }
      case .isolated: body(segment)
      case .contiguous, .mergedWithPrevious, .mergedWithNext:
        if let last = pending {
          if joins(isMatch, after: last.isMatch) {
            pending = (last.range.lowerBound..<segment.upperBound, isMatch)
            return
          }
          body(last.range)
        }
        pending = (segment, isMatch)
      }
    }
    if let pending { body(pending.range) }
  }

  private func joins(_ isMatch: Bool, after lastIsMatch: Bool) -> Bool {
    switch self {
    case .contiguous: isMatch == lastIsMatch
    case .mergedWithPrevious: isMatch && !lastIsMatch
    case .mergedWithNext: !isMatch && lastIsMatch
    case .removed, .isolated: false
    }
  }
}
