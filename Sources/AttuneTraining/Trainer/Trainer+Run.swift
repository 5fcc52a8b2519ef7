// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneTensors

extension Trainer {
  /// Makes the steps that are left: evaluates and saves when due, and ends when the plan or the caller says so.
  @discardableResult
  public mutating func run(_ hooks: TrainingHooks<O.Model> = TrainingHooks()) throws
    -> TrainingOutcome
  {
    while state.step < totalSteps, !isOutOfPatience {
      // Formed once an epoch, also when the run enters it in the middle.
      let steps = plan.batching.steps(lengths: lengths, seed: plan.seed, epoch: state.epoch)
      let epoch = state.epoch
      while state.epoch == epoch, state.step < totalSteps, !isOutOfPatience {
        if hooks.shouldStop() {
          try save(.interrupted, hooks)
          return finish(.interrupted, hooks)
        }
        let microBatches = steps[state.position].map { $0.map { examples[$0] } }
        hooks.observe(.step(try step(on: microBatches)))
        if isDue(plan.evaluation) { try evaluate(hooks) }
        if isDue(plan.checkpoint), !isOver { try save(.interval, hooks) }
      }
    }
    if plan.checkpoint != .never { try save(.finished, hooks) }
    return finish(isOutOfPatience ? .stoppedEarly : .completed, hooks)
  }

  private var isOutOfPatience: Bool {
    plan.patience.map { state.evaluationsWithoutGain >= $0 } ?? false
  }

  private var isOver: Bool { state.step >= totalSteps || isOutOfPatience }

  private func isDue(_ interval: TrainingPlan.Interval) -> Bool {
    switch interval {
    case .never: false
    case .everyEpoch: state.position == 0 || state.step == totalSteps
    case .steps(let count): state.step.isMultiple(of: count) || state.step == totalSteps
    }
  }

  private mutating func evaluate(_ hooks: TrainingHooks<O.Model>) throws {
    guard let evaluation = try hooks.evaluate?(model) else { return }
    let isBest = state.record(score: evaluation.score)
    hooks.observe(.evaluation(evaluation, step: state.step, isBest: isBest))
    evaluation.warnings.forEach { hooks.observe(.warning($0)) }
    if isBest {
      best = model
      try save(.best, hooks)
    }
  }

  private func save(_ reason: SaveReason, _ hooks: TrainingHooks<O.Model>) throws {
    guard let save = hooks.save else { return }
    try requireFiniteParameters()
    try save(snapshot, reason)
    hooks.observe(.checkpoint(reason, step: state.step))
  }

  private func requireFiniteParameters() throws(TrainingError) {
    var broken: String?
    model.forEachTensor { name, tensor, _ in
      if broken == nil, !Gradient.dense(tensor).sumOfSquares.isFinite { broken = name }
    }
    guard let broken else { return }
    throw .notFinite(
      quantity: "parameter \(broken)", value: .nan, step: state.step,
      learningRate: plan.schedule.rate(at: max(0, state.step - 1), of: totalSteps))
  }

  private func finish(
    _ outcome: TrainingOutcome, _ hooks: TrainingHooks<O.Model>
  ) -> TrainingOutcome {
    hooks.observe(.finished(outcome))
    return outcome
  }
}
