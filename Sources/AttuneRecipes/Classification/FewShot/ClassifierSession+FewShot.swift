// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneModels
internal import AttuneTensors
internal import AttuneTraining

extension ClassifierSession {
  private typealias ContrastiveTrainer = Trainer<ContrastiveObjective<TransformerEncoder>>

  /// Trains the encoder on pairs and fits the head to its vectors (Tunstall et al. 2022).
  ///
  /// There is one model in the end: a handful of validation texts could not tell a better one among those on the way.
  func trainOnPairs(
    _ model: consuming TextClassifier, _ meter: CostMeter
  ) throws -> TrainedClassifier {
    var plan = settings.plan
    (plan.evaluation, plan.checkpoint, plan.patience) = (.steps(.max), .steps(500), nil)
    let trains: @Sendable (String) -> Bool = { [frozen] name in
      frozen.trains(name) && !name.hasPrefix("head.classifier.")
    }
    var hasWork = false
    model.forEachParameter { name, _ in hasWork = hasWork || trains(name) }
    if !hasWork { plan.length = .steps(0) }
    let trainer = try ContrastiveTrainer(
      model, objective: ContrastiveObjective(tokenDropout: tokenDropout),
      examples: ContrastiveExample.all(of: training), plan: plan, optimizer: optimizer,
      trains: trains)
    let session = TrainingSession<ContrastiveObjective<TransformerEncoder>>(
      output: recipe.output, monitor: recipe.monitor, meter: meter,
      judge: { model, step in judge(withFittedHead(model), step: step) }, writeBest: nil)
    let (outcome, trained) = try session.run(trainer)
    let fitted = withFittedHead(trained.model)
    return TrainedClassifier(
      outcome: outcome, last: fitted, best: fitted, state: trained.state, writesBest: true)
  }

  /// The model with a head fitted to the vectors that its encoder gives the training texts now.
  private func withFittedHead(_ model: TextClassifier) -> TextClassifier {
    let labels = training.map(\.label)
    var fitted = model
    fitted.head.classifier = LogisticLayer.fitted(
      to: model.features(pooledOver: training), labels: labels, labelCount: data.labels.count,
      rowWeights: labels.map { label in classWeights.map { Double($0[label]) } ?? 1 })
    return fitted
  }
}

/// What a training made.
struct TrainedClassifier {
  let outcome: TrainingOutcome
  let last: TextClassifier
  let best: TextClassifier
  let state: TrainingState
  /// Whether the best model is still to be written.
  let writesBest: Bool
}
