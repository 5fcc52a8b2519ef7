// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneTensors

extension Trainer {
  /// Makes the steps that are left: evaluates and saves when due, and ends when the plan or the caller says so.
  @discardableResult
  public mutating func run(_ hooks: TrainingHooks<O.Model> = TrainingHooks()) throws
    -> TrainingOutcome
  {
    var savedStep: Int?
    while state.step < totalSteps, !isOutOfPatience {
      // Formed once an epoch, also when the run enters it in the middle.
      let steps = plan.steps(
        lengths: lengths, epoch: state.epoch, from: state.step - state.position)
      let epoch = state.epoch
      while state.epoch == epoch, state.step < totalSteps, !isOutOfPatience {
        if hooks.shouldStop() {
          if savedStep != state.step { try save(.interrupted, hooks) }
          return finish(.interrupted, hooks)
        }
        let microBatches = steps[state.position].map { $0.map { examples[$0] } }
        hooks.observe(.step(try step(on: microBatches)))
        if let reason = try evaluateAndFindReasonToSave(hooks) {
          try save(reason, hooks)
          savedStep = state.step
        }
      }
    }
    return finish(isOutOfPatience ? .stoppedEarly : .completed, hooks)
  }

  /// A step is saved once, for the strongest reason.
  private mutating func evaluateAndFindReasonToSave(
    _ hooks: TrainingHooks<O.Model>
  ) throws -> SaveReason? {
    let isBest = isDue(plan.evaluation) ? try evaluate(hooks) : false
    if isBest { return .best }
    if plan.checkpoint != .never, isOutOfPatience || state.step == totalSteps { return .finished }
    return isDue(plan.checkpoint) ? .interval : nil
  }

  private var isOutOfPatience: Bool {
    plan.patience.map { state.evaluationsWithoutGain >= $0 } ?? false
  }

  private func isDue(_ interval: TrainingPlan.Interval) -> Bool {
    switch interval {
    case .never: false
    case .everyEpoch: state.position == 0 || state.step == totalSteps
    case .steps(let count): state.step.isMultiple(of: count) || state.step == totalSteps
    }
  }

  /// Returns whether the score is the best so far.
  private mutating func evaluate(_ hooks: TrainingHooks<O.Model>) throws -> Bool {
    guard let evaluation = try hooks.evaluate?(model) else { return false }
    let isBest = state.record(score: evaluation.score)
    if isBest { best = model }
    hooks.observe(.evaluation(evaluation, step: state.step, isBest: isBest))
    evaluation.warnings.forEach { hooks.observe(.warning($0)) }
    return isBest
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
