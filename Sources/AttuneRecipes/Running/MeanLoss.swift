// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneTensors
internal import AttuneTraining

extension NextTokenObjective {
  /// The mean cross-entropy of a token of the targets, in inference.
  ///
  /// - Parameter budget: Tokens that are worked on together.
  func meanLoss(
    of model: Model, on pairs: [SequencePair<Item>], budget: Int = 4_096
  ) -> Double {
    var (sum, weight) = (0.0, 0.0)
    for batch in Batching.inOrder(of: pairs.map { tokenCount(of: $0) }, budget: budget) {
      let loss = loss(of: model, on: batch.map { pairs[$0] }, mode: .inference)
      sum += loss.sum.doubles[0]
      weight += loss.weight
    }
    return sum / max(weight, 1)
  }
}

extension Batching {
  /// Batches of like length for examples that are only looked at, always the same ones.
  static func inOrder(of lengths: [Int], budget: Int) -> [[Int]] {
    Batching(.tokenBudget(tokens: budget)).steps(lengths: lengths, seed: 0, epoch: 0).flatMap { $0 }
  }
}
