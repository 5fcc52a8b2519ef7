// SPDX-License-Identifier: Apache-2.0

/// Where each sequence of a packed batch begins: the sequences lie end to end, without padding.
public struct SequenceLayout: Sendable, Equatable {
  /// First row of each sequence, and the total at the end: count + 1 rising entries from 0.
  public let offsets: [Int]

  /// Sequences of the given lengths, in order.
  public init(lengths: [Int]) {
    var offsets = [0]
    offsets.reserveCapacity(lengths.count + 1)
    for length in lengths {
      precondition(length >= 0, "a sequence of length \(length)")
      offsets.append(offsets[offsets.count - 1] + length)
    }
    self.offsets = offsets
  }

  /// Number of sequences.
  public var count: Int { offsets.count - 1 }

  /// Rows of all sequences together.
  public var tokenCount: Int { offsets[offsets.count - 1] }

  /// Length of one sequence.
  public func length(of sequence: Int) -> Int { offsets[sequence + 1] - offsets[sequence] }

  /// Rows of one sequence.
  public func rows(of sequence: Int) -> Range<Int> { offsets[sequence]..<offsets[sequence + 1] }

  /// Length of each sequence.
  public var lengths: [Int] { (0..<count).map { length(of: $0) } }

  /// Length of the longest sequence; 0 without sequences.
  public var longestLength: Int { lengths.max() ?? 0 }
}
