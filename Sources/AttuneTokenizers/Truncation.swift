// SPDX-License-Identifier: Apache-2.0

/// How texts are cut that are longer than a limit.
public struct Truncation: Sendable, Equatable {
  /// Which of two texts is cut.
  public enum Strategy: String, Sendable, CaseIterable {
    /// The longer one, until both are equally long.
    case longestFirst = "LongestFirst"
    /// The first one; the second only where that is not enough.
    case onlyFirst = "OnlyFirst"
    /// The second one; the first only where that is not enough.
    case onlySecond = "OnlySecond"
  }

  /// Which end of a text goes.
  public enum Direction: String, Sendable, CaseIterable {
    /// The end.
    case right = "Right"
    /// The beginning.
    case left = "Left"
  }

  /// Which of two texts is cut.
  public var strategy: Strategy
  /// Which end of a text goes.
  public var direction: Direction
  /// How many ids the pieces of a text share that programs other than this one cut it into.
  public var stride: Int

  /// Makes the usual settings.
  public init(
    strategy: Strategy = .longestFirst, direction: Direction = .right, stride: Int = 0
  ) {
    self.strategy = strategy
    self.direction = direction
    self.stride = stride
  }

  /// Cuts one text or two to a number of ids; returns how many went.
  func truncate(_ texts: inout [PieceList], to room: Int) -> Int {
    let counts = texts.map(\.ids.count)
    let total = counts.reduce(0, +)
    guard total > room else { return 0 }
    for (index, count) in self.counts(of: counts, in: room).enumerated() {
      texts[index].truncate(to: count, from: direction)
    }
    return total - room
  }

  private func counts(of counts: [Int], in room: Int) -> [Int] {
    guard counts.count == 2 else { return [room] }
    switch strategy {
    case .longestFirst:
      let half = room / 2
      let shorter = counts[0] <= counts[1] ? 0 : 1
      let short = min(counts[shorter], half)
      return shorter == 0 ? [short, room - short] : [room - short, short]
    case .onlyFirst:
      let second = min(counts[1], room)
      return [room - second, second]
    case .onlySecond:
      let first = min(counts[0], room)
      return [first, room - first]
    }
  }
}
