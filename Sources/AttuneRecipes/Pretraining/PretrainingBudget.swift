// SPDX-License-Identifier: Apache-2.0

internal import AttuneModels
internal import AttuneTraining

/// What the parts of a run take, measured on a copy of the model before the first step.
struct PretrainingBudget {
  /// A step whatever its size: the update of the parameters above all.
  let secondsPerStep: Double
  /// A micro-batch.
  let secondsPerMicroBatch: Double
  /// An evaluation.
  let secondsPerEvaluation: Double

  /// How many steps fit into so many seconds.
  ///
  /// - Parameters:
  ///   - meanMicroBatches: Micro-batches of a step, on average.
  ///   - evaluations: Evaluations in the run.
  func steps(
    in seconds: Double, meanMicroBatches: Double, evaluations: Int
  ) -> Int {
    let left = seconds - Double(evaluations + 1) * secondsPerEvaluation
    let step = secondsPerStep + meanMicroBatches * secondsPerMicroBatch
    return max(Self.fewestSteps, Int(left / max(step, 1e-9)))
  }

  /// With fewer no schedule makes sense; who has no time for them gets them all the same.
  private static let fewestSteps = 20

  /// Measures by making steps of one micro-batch and of all.
  ///
  /// - Parameters:
  ///   - trainer: A run whose steps nobody needs.
  ///   - limit: Seconds that the measuring should take.
  ///   - judge: Makes an evaluation.
  init<O: Objective>(
    _ trainer: consuming Trainer<O>, limit: Double, judge: (O.Model) throws -> Void
  ) throws {
    var trainer = trainer
    let most = trainer.plan.batching.microBatchesPerStep
    let steps = trainer.firstEpoch
    var (single, full) = ([Double](), [Double]())
    let start = ContinuousClock.now
    for index in 0..<Self.mostRounds {
      let batches = steps[index % steps.count]
      // The first steps fill caches and pools of memory.
      let isWarm = index > 0
      let one = try trainer.step(on: Array(batches.prefix(1))).seconds
      let all = try trainer.step(on: (0..<most).map { batches[$0 % batches.count] }).seconds
      if isWarm { (single, full) = (single + [one], full + [all]) }
      if index >= Self.fewestRounds, (ContinuousClock.now - start) / .seconds(1) > limit { break }
    }
    let (one, all) = (Self.median(single), Self.median(full))
    secondsPerMicroBatch = most > 1 ? max(0, (all - one) / Double(most - 1)) : one
    secondsPerStep = max(0, one - secondsPerMicroBatch)
    let judged = ContinuousClock.now
    try judge(trainer.model)
    secondsPerEvaluation = (ContinuousClock.now - judged) / .seconds(1)
  }

  private static let fewestRounds = 2
  private static let mostRounds = 50

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
