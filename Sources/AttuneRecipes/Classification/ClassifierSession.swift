// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// A classifier's training once data, tokenizer and model are ready: steps, checkpoints, model folders.
struct ClassifierSession {
  typealias ClassifierTrainer = Trainer<ClassificationObjective<TransformerEncoder>>

  let recipe: ClassifierTraining
  let data: ClassificationData
  let settings: ClassifierSettings
  let tokenizer: Tokenizer
  let configuration: ClassifierConfiguration
  let model: TextClassifier
  let training: [ClassificationExample]
  let validation: [ClassificationExample]

  private var run: TrainingRun { recipe.folder }

  func run(yardstick: ClassificationMetrics) throws -> ClassifierReport {
    let checkpoints = try CheckpointFolder(
      run.checkpoints, start: recipe.request.existing == .resumed ? .resumeIfPossible : .fresh)
    var trainer = try trainer(checkpoints)
    let outcome = try trainer.run(hooks(checkpoints))
    let best = trainer.best ?? trainer.model
    try write(trainer.model, trainer.state, to: run.last)
    let evaluation = ClassifierEvaluation(of: best, on: validation)
    return ClassifierReport(
      outcome: outcome, labels: data.labels, evaluation: evaluation, yardstick: yardstick,
      truth: validation.map(\.label), state: trainer.state, run: run.path,
      layout: configuration.layout,
      reader: configuration.layout.reader(for: configuration.encoder.family))
  }

  private func trainer(_ checkpoints: CheckpointFolder) throws -> ClassifierTrainer {
    var plan = settings.plan
    // Often enough that a crash costs minutes, rarely enough that saving costs nothing.
    plan.checkpoint = .steps(500)
    var trainer = try ClassifierTrainer(
      model, objective: objective, examples: training, plan: plan, optimizer: optimizer)
    for warning in try trainer.resume(from: checkpoints) { recipe.observe(.warning(warning)) }
    if trainer.state.step > 0 {
      recipe.observe(.note("resumed after step \(trainer.state.step) of \(trainer.totalSteps)"))
    }
    return trainer
  }

  private var objective: ClassificationObjective<TransformerEncoder> {
    let special = [
      tokenizer.padID, tokenizer.classificationID, tokenizer.separatorID, tokenizer.maskID,
    ]
    let hidden = tokenizer.maskID.map {
      TokenDropout(
        rate: settings.tokenDropout ?? 0, maskID: $0,
        protectedIDs: Set(special.compactMap { $0 }))
    }
    return ClassificationObjective(
      labelSmoothing: settings.labelSmoothing ?? 0, classWeights: classWeights,
      tokenDropout: hidden)
  }

  /// Inverse frequencies with mean 1 over the examples.
  private var classWeights: [Float]? {
    guard settings.classWeight == .balanced else { return nil }
    var counts = [Int](repeating: 0, count: data.labels.count)
    for example in training { counts[example.label] += 1 }
    return counts.map { Float(training.count) / Float(counts.count * max($0, 1)) }
  }

  private var optimizer: AdamW.Settings {
    let factor = settings.headRateFactor ?? 1
    var optimizer = AdamW.Settings()
    optimizer.weightDecay = settings.weightDecay ?? 0.01
    optimizer.rateMultiplier = { $0.hasPrefix("head.") ? factor : 1 }
    return optimizer
  }

  private func hooks(_ checkpoints: CheckpointFolder) -> TrainingHooks<TextClassifier> {
    TrainingHooks(
      evaluate: { model in
        ClassifierEvaluation(of: model, on: validation).summary(
          scoredBy: settings.score == .macroF1 ? \.macroF1 : \.accuracy, labelNames: data.labels)
      },
      save: { snapshot, reason in try save(snapshot, reason, to: checkpoints) },
      shouldStop: recipe.shouldStop,
      observe: { recipe.observe(.training($0)) })
  }

  private func save(
    _ snapshot: TrainingSnapshot<TextClassifier>, _ reason: SaveReason,
    to checkpoints: CheckpointFolder
  ) throws {
    if reason == .best { try write(snapshot.model, snapshot.state, to: run.best) }
    let warnings = try checkpoints.save(snapshot)
    warnings.forEach { recipe.observe(.warning($0)) }
  }

  /// Writes a model folder that takes the place of an older one.
  private func write(_ model: TextClassifier, _ state: TrainingState, to path: String) throws {
    try ModelFolder.create(path, overwriting: true) { writer in
      try ClassifierFolder.write(model, configuration, attune: facts(state), with: writer)
      for file in try tokenizer.files(maximumLength: settings.maximumLength) {
        try writer.write(file.bytes, to: file.name)
      }
    }
  }

  /// What `attune.json` says of the model.
  private func facts(_ state: TrainingState) -> JSONValue {
    [
      "task": "text-classification",
      "maximum_length": .integer(settings.maximumLength ?? 256),
      "text_columns": .array(data.columns.map { .string($0) }),
      "text_treatment": .string(TextParts.treatment(ofColumns: data.columns.count)),
      "training": [
        "data": .string(FileSystem.name(of: recipe.request.data)),
        "data_sha256": .array(data.hashes.map { .string($0) }),
        "examples": .integer(training.count),
        "validation_examples": .integer(validation.count),
        "steps": .integer(state.step),
        "epochs": .integer(state.epoch),
        "tokens": .integer(state.tokenCount),
        "best_score": state.bestScore.map { .number($0) } ?? .null,
        "best_step": state.bestStep.map { .integer($0) } ?? .null,
        "settings": settings.json,
      ],
    ]
  }
}
