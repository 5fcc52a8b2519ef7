// SPDX-License-Identifier: Apache-2.0

import AttuneTraining
import Testing

@Suite("Batching")
struct BatchingTests {
  static let strategies: [Batching.Strategy] = [
    .shuffled(examples: 7), .lengthGrouped(examples: 7, poolBatches: 4), .tokenBudget(tokens: 60),
  ]
  let lengths = (0..<203).map { 1 + $0 * 37 % 41 }

  @Test("Every example comes once an epoch, in as many steps as promised", arguments: strategies)
  func dealsEachOnce(strategy: Batching.Strategy) {
    let batching = Batching(strategy, microBatchesPerStep: 3)
    for epoch in 0..<3 {
      let steps = batching.steps(lengths: lengths, seed: 5, epoch: epoch)
      #expect(steps.count == batching.stepCount(lengths: lengths))
      #expect(steps.joined().joined().sorted() == Array(lengths.indices))
      #expect(steps.dropLast().allSatisfy { $0.count == 3 })
    }
  }

  @Test("Seed and epoch decide, and nothing else", arguments: strategies)
  func isDeterministic(strategy: Batching.Strategy) {
    let batching = Batching(strategy)
    let first = batching.steps(lengths: lengths, seed: 5, epoch: 1)
    #expect(batching.steps(lengths: lengths, seed: 5, epoch: 1) == first)
    #expect(batching.steps(lengths: lengths, seed: 5, epoch: 2) != first)
    #expect(batching.steps(lengths: lengths, seed: 6, epoch: 1) != first)
  }

  @Test("Batches of like length differ less within than random ones")
  func groupsByLength() {
    func spread(_ strategy: Batching.Strategy) -> Int {
      Batching(strategy).steps(lengths: lengths, seed: 1, epoch: 0).joined().reduce(0) {
        let own = $1.map { lengths[$0] }
        return $0 + (own.max() ?? 0) - (own.min() ?? 0)
      }
    }
    let random = spread(.shuffled(examples: 7))
    #expect(spread(.lengthGrouped(examples: 7, poolBatches: 10)) * 4 < random)
  }

  @Test("A budget of tokens is kept; an example beyond it stands alone")
  func keepsBudget() {
    let lengths = [3, 99, 4, 5, 6, 50]
    let batches = Batching(.tokenBudget(tokens: 15)).steps(lengths: lengths, seed: 0, epoch: 0)
      .joined().map { $0.map { lengths[$0] }.sorted() }
    #expect(batches.contains([99]) && batches.contains([50]))
    #expect(batches.allSatisfy { $0.count == 1 || $0.reduce(0, +) <= 15 })
    #expect(batches.count == 4)
  }

  @Test("Without examples there are no steps", arguments: strategies)
  func acceptsNothing(strategy: Batching.Strategy) {
    #expect(Batching(strategy).steps(lengths: [], seed: 0, epoch: 0).isEmpty)
  }
}
