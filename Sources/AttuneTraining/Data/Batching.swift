// SPDX-License-Identifier: Apache-2.0

internal import AttuneTensors

/// How examples are dealt to steps: a function of lengths, seed and epoch, and of nothing else.
///
/// Batches are packed without padding, so grouping by length saves no work in a transformer; it evens out the
/// memory of steps, and recurrent networks need fewer time steps.
public struct Batching: Sendable, Hashable {
  /// How examples come together.
  public enum Strategy: Sendable, Hashable {
    /// Batches of `examples` in random order.
    case shuffled(examples: Int)
    /// Batches of `examples` of like length: sorted within random pools of `poolBatches` batches, then shuffled.
    case lengthGrouped(examples: Int, poolBatches: Int = 50)
    /// Batches of like length with at most `tokens` tokens, shuffled; a longer example is a batch of its own.
    case tokenBudget(tokens: Int)
  }

  /// How examples come together.
  public var strategy: Strategy
  /// Batches whose gradients one step sums.
  public var microBatchesPerStep: Int

  /// Batching by a strategy.
  public init(_ strategy: Strategy, microBatchesPerStep: Int = 1) {
    precondition(microBatchesPerStep > 0, "\(microBatchesPerStep) micro-batches a step")
    self.strategy = strategy
    self.microBatchesPerStep = microBatchesPerStep
  }

  /// Steps of an epoch, the same in every epoch.
  public func stepCount(lengths: [Int]) -> Int {
    (microBatchCount(lengths: lengths) + microBatchesPerStep - 1) / microBatchesPerStep
  }

  /// Micro-batches of an epoch, the same in every epoch.
  func microBatchCount(lengths: [Int]) -> Int {
    switch strategy {
    case .shuffled(let examples), .lengthGrouped(let examples, _):
      (lengths.count + examples - 1) / examples
    case .tokenBudget(let tokens):
      Self.cuts(lengths.sorted(by: >), budget: tokens).count
    }
  }

  /// The steps of an epoch: for each the micro-batches, for each the indices of its examples.
  public func steps(lengths: [Int], seed: UInt64, epoch: Int) -> [[[Int]]] {
    Self.cut(
      microBatches(lengths: lengths, seed: seed, epoch: epoch)[...], into: microBatchesPerStep)
  }

  /// The micro-batches of an epoch, in their order: for each the indices of its examples.
  func microBatches(lengths: [Int], seed: UInt64, epoch: Int) -> [[Int]] {
    let key = RandomKey(seed: seed).place(0xBA7C).place(UInt64(epoch))
    let order = key.place(0).shuffled(lengths.count)
    switch strategy {
    case .shuffled(let examples): return Self.cut(order[...], into: examples)
    case .lengthGrouped(let examples, let poolBatches):
      return Self.shuffled(
        Self.cut(order[...], into: examples * poolBatches).flatMap { pool in
          Self.cut(Self.sorted(pool, by: lengths)[...], into: examples)
        }, key.place(1))
    case .tokenBudget(let tokens):
      return Self.shuffled(
        Self.cut(Self.sorted(order, by: lengths), lengths, tokens), key.place(1))
    }
  }

  /// Longest first; examples of one length keep their order.
  private static func sorted(_ order: [Int], by lengths: [Int]) -> [Int] {
    order.enumerated()
      .sorted { (-lengths[$0.element], $0.offset) < (-lengths[$1.element], $1.offset) }
      .map(\.element)
  }

  private static func shuffled(_ batches: [[Int]], _ key: RandomKey) -> [[Int]] {
    key.shuffled(batches.count).map { batches[$0] }
  }

  private static func cut<Element>(_ items: ArraySlice<Element>, into size: Int) -> [[Element]] {
    precondition(size > 0, "batches of \(size)")
    return stride(from: 0, to: items.count, by: size).map {
      Array(items[$0..<min($0 + size, items.count)])
    }
  }

  private static func cut(_ order: [Int], _ lengths: [Int], _ budget: Int) -> [[Int]] {
    cuts(order.map { lengths[$0] }, budget: budget).map { Array(order[$0]) }
  }

  /// Ranges of neighbours whose lengths sum to at most `budget`.
  private static func cuts(_ lengths: [Int], budget: Int) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var (first, tokens) = (0, 0)
    for (index, length) in lengths.enumerated() {
      if index > first, tokens + length > budget {
        result.append(first..<index)
        (first, tokens) = (index, 0)
      }
      tokens += length
    }
    if first < lengths.count { result.append(first..<lengths.count) }
    return result
  }
}
