// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneData
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// A translator's training once data, tokenizers and model are ready: steps, checkpoints, model folders.
struct TranslatorSession {
  typealias TranslatorObjective = NextTokenObjective<TransformerTranslator, [Int32]>

  let recipe: TranslatorTraining
  let settings: TranslatorSettings
  let data: TranslationData
  let tokenizers: TranslationTokenizers
  let configuration: TranslatorConfiguration
  let examples: TranslationData.Examples
  private let judged = JudgedTranslator()

  init(
    recipe: TranslatorTraining, settings: TranslatorSettings, data: TranslationData,
    tokenizers: TranslationTokenizers, configuration: TranslatorConfiguration,
    examples: TranslationData.Examples
  ) {
    (self.recipe, self.settings, self.data) = (recipe, settings, data)
    (self.tokenizers, self.configuration, self.examples) = (tokenizers, configuration, examples)
  }

  private var run: TrainingRun { recipe.output.folder }

  /// Trains the model, which nobody else holds: so it is updated in place and never copied.
  func run(
    _ model: consuming TransformerTranslator, _ meter: CostMeter
  ) throws -> TranslatorReport {
    let checkpoints = try CheckpointFolder(
      run.checkpoints, start: recipe.request.existing == .resumed ? .resumeIfPossible : .fresh)
    let parameterCount = model.parameterCount
    var trainer = try trainer(model, checkpoints)
    let average = ModelAverage<TransformerTranslator>(
      count: settings.averageCount ?? 1, folder: FileSystem.join(run.path, "averaged"))
    try average.resume(after: trainer.state.step, like: trainer.model)
    let outcome = try trainer.run(hooks(checkpoints, average, meter))
    try write(trainer.model, trainer.state, to: run.last)
    let report = TranslatorReport(
      outcome: outcome, evaluation: try bestEvaluation(trainer.model), state: trainer.state,
      cost: meter.cost, parameterCount: parameterCount, run: run.path,
      reader: configuration.layout.reader)
    try recipe.output.write(settings, hashes: data.hashes, result: report.json)
    return report
  }

  /// How the model that is written as the best does.
  private func bestEvaluation(_ last: TransformerTranslator) throws -> Evaluation {
    let best = FileSystem.exists(run.best) ? try OpenTranslator(contentsOf: run.best).model : last
    return judge.evaluation(of: best, translates: true)
  }

  private func trainer(
    _ model: consuming TransformerTranslator, _ checkpoints: CheckpointFolder
  ) throws -> Trainer<TranslatorObjective> {
    let optimizer = AdamW.Settings(
      weightDecay: settings.weightDecay ?? 0, beta1: 0.9, beta2: 0.98, epsilon: 1e-9)
    var trainer = try Trainer<TranslatorObjective>(
      model, objective: objective(smoothing: settings.labelSmoothing ?? 0),
      examples: examples.training, plan: settings.plan, optimizer: optimizer)
    for warning in try trainer.resume(from: checkpoints) { recipe.observe(.warning(warning)) }
    if trainer.state.step > 0 {
      recipe.observe(.note("resumed after step \(trainer.state.step) of \(trainer.totalSteps)"))
    }
    return trainer
  }

  private func objective(smoothing: Float) -> TranslatorObjective {
    let start = configuration.tokens.start
    // CTranslate2 begins with a zero vector, whatever stands in the table.
    return TranslatorObjective(
      startToken: start, labelSmoothing: smoothing, restore: { $0.clearVector(of: start) })
  }

  private var judge: TranslatorJudge {
    TranslatorJudge(
      pairs: examples.validation, references: data.validation.map(\.target),
      tokenizer: tokenizers.target, tokens: configuration.tokens, score: settings.score ?? .loss)
  }

  private func hooks(
    _ checkpoints: CheckpointFolder, _ average: ModelAverage<TransformerTranslator>,
    _ meter: CostMeter
  ) -> TrainingHooks<TransformerTranslator> {
    TrainingHooks(
      evaluate: { model in
        let mean = try average.mean(adding: model, step: judged.step)
        judged.model = mean
        return judge.evaluation(of: mean, translates: settings.score == .bleu)
      },
      save: { snapshot, reason in
        if reason == .best {
          try write(judged.model ?? snapshot.model, snapshot.state, to: run.best)
        }
        let warnings = try checkpoints.save(snapshot)
        warnings.forEach { recipe.observe(.warning($0)) }
      },
      shouldStop: recipe.shouldStop,
      observe: { event in
        meter.count(event)
        if case .step(let report) = event { judged.step = report.step }
        recipe.observe(.training(event))
      })
  }

  /// Writes a model folder that takes the place of an older one.
  private func write(
    _ model: TransformerTranslator, _ state: TrainingState, to path: String
  ) throws {
    try ModelFolder.create(path, overwriting: true) { writer in
      try OpenTranslator.write(
        model, configuration, tokenizers, attune: facts(state), with: writer)
    }
  }

  /// What `attune.json` says of the model.
  private func facts(_ state: TrainingState) -> JSONValue {
    [
      "task": "translation",
      "training": [
        "data": .array(
          recipe.request.data.paths.map { .string(FileSystem.name(of: $0)) }),
        "data_sha256": .array(data.hashes.map { .string($0) }),
        "pairs": .integer(examples.training.count),
        "validation_pairs": .integer(examples.validation.count),
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

/// The model that was judged last: what is written as the best.
private final class JudgedTranslator {
  var step = 0
  var model: TransformerTranslator?
}
