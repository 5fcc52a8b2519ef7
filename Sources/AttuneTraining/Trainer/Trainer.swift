// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneTensors

/// Trains one model on one set of examples.
///
/// Everything that a step does follows from the seed and the number of the step, so a run that was interrupted and
/// resumed ends in the same bits as one that was not.
public struct Trainer<O: Objective>: Sendable {
  /// The model after the last step.
  public private(set) var model: O.Model
  /// The moments after the last step.
  public private(set) var optimizer: AdamW
  /// How far the run has come.
  public internal(set) var state: TrainingState
  /// The model of the best score; nil before the first evaluation.
  public internal(set) var best: O.Model?
  /// What the model is trained to do.
  public let objective: O
  /// How long and how it is trained.
  public let plan: TrainingPlan
  /// Steps of one epoch, when each has all its micro-batches.
  public let stepsPerEpoch: Int
  private let microBatchCount: Int
  let examples: [O.Example]
  let lengths: [Int]
  private let trains: @Sendable (String) -> Bool

  /// A run that has not made a step.
  ///
  /// - Parameter trains: Whether the parameter of a name is trained; the others stay as they are.
  public init(
    _ model: O.Model, objective: O, examples: [O.Example], plan: TrainingPlan,
    optimizer: AdamW.Settings = AdamW.Settings(),
    trains: @escaping @Sendable (String) -> Bool = { _ in true }
  ) throws(TrainingError) {
    guard !examples.isEmpty else { throw .noExamples }
    self.model = model.multiplying(in: plan.precision)
    self.optimizer = AdamW(optimizer)
    self.objective = objective
    self.plan = plan
    self.examples = examples
    self.trains = trains
    lengths = examples.map { objective.tokenCount(of: $0) }
    microBatchCount = plan.batching.microBatchCount(lengths: lengths)
    stepsPerEpoch = plan.batching.stepCount(lengths: lengths)
    state = TrainingState(origin: plan.origin(lengths: lengths))
    self.model.separateBuffers()
  }

  /// Goes on where a snapshot was taken.
  ///
  /// - Parameter best: The model of the best score, when it was saved.
  public mutating func resume(
    from snapshot: TrainingSnapshot<O.Model>, best: O.Model? = nil
  ) throws(TrainingError) {
    guard snapshot.state.origin == state.origin else {
      throw .resumedDifferently(saved: snapshot.state.origin, found: state.origin)
    }
    model = snapshot.model.multiplying(in: plan.precision)
    model.separateBuffers()
    optimizer = snapshot.optimizer
    state = snapshot.state
    self.best = best?.multiplying(in: plan.precision)
  }

  /// Steps of the whole run.
  public var totalSteps: Int { plan.totalSteps(stepsPerEpoch: stepsPerEpoch) }

  /// Steps of the epoch that the run is in.
  private var stepsInEpoch: Int {
    guard plan.ramp != nil else { return stepsPerEpoch }
    let first = state.step - state.position
    return plan.stepSizes(microBatches: microBatchCount, from: first).count
  }

  /// The micro-batches of each step of the first epoch.
  public var firstEpoch: [[[O.Example]]] {
    plan.steps(lengths: lengths, epoch: 0, from: 0).map { step in
      step.map { $0.map { examples[$0] } }
    }
  }

  /// The run as it stands.
  public var snapshot: TrainingSnapshot<O.Model> {
    TrainingSnapshot(model: model, optimizer: optimizer, state: state)
  }

  /// Makes one step along the mean gradient of the micro-batches.
  ///
  /// - Throws: `TrainingError.notFinite`, before anything is written.
  public mutating func step(on microBatches: [[O.Example]]) throws(TrainingError) -> StepReport {
    let start = ContinuousClock.now
    let rate = plan.schedule.rate(at: state.step, of: totalSteps)
    let (loss, weight, gradients) = lossAndGradients(over: microBatches)
    let mean = weight > 0 ? 1 / weight : 0
    let norm = gradients.norm * mean
    try requireFinite(loss: loss * mean, norm: norm, rate: rate)
    optimizer.update(
      &model, along: gradients, scaledBy: mean * plan.clippingFactor(forNorm: norm),
      learningRate: rate)
    objective.settle(&model)
    return advance(microBatches, loss: loss * mean, norm: norm, rate: rate, since: start)
  }

  /// Sums over the micro-batches; buffers change after each of them, as if each were a step.
  private mutating func lossAndGradients(
    over microBatches: [[O.Example]]
  ) -> (loss: Double, weight: Double, gradients: Gradients) {
    var (loss, weight, gradients) = (0.0, 0.0, GradientSum())
    for (index, examples) in microBatches.enumerated() {
      let pass = TrainingPass(
        seed: plan.seed, step: state.step, microBatch: index, products: plan.precision)
      let part = valueAndGradients(of: model, where: trains) { model in
        let loss = objective.loss(of: model, on: examples, mode: .training(pass))
        weight += loss.weight
        return loss.sum
      }
      loss += part.value.doubles[0]
      gradients.add(part.gradients)
      model.apply(pass.bufferUpdates)
    }
    return (loss, weight, gradients.total())
  }

  private func requireFinite(loss: Double, norm: Double, rate: Double) throws(TrainingError) {
    for (quantity, value) in [("loss", loss), ("gradient norm", norm)] where !value.isFinite {
      throw .notFinite(
        quantity: quantity, value: value, step: state.step + 1, learningRate: rate)
    }
  }

  private mutating func advance(
    _ microBatches: [[O.Example]], loss: Double, norm: Double, rate: Double,
    since start: ContinuousClock.Instant
  ) -> StepReport {
    let tokens = microBatches.joined().reduce(0) { $0 + objective.tokenCount(of: $1) }
    let epoch = state.epoch
    state.advance(stepsInEpoch: stepsInEpoch, tokenCount: tokens)
    return StepReport(
      step: state.step, totalSteps: totalSteps, epoch: epoch, loss: loss, gradientNorm: norm,
      learningRate: rate, tokenCount: tokens, seconds: (ContinuousClock.now - start) / .seconds(1))
  }
}
