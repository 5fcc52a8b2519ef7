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

  private var run: TrainingRun { recipe.output.folder }

  /// Trains the model, which nobody else holds: so it is updated in place and never copied.
  func run(
    _ model: consuming TransformerTranslator, _ meter: CostMeter
  ) throws -> WriterReport {
    let parameterCount = model.parameterCount
    let session = TrainingSession<TranslatorObjective>(
      output: recipe.output, monitor: recipe.monitor, meter: meter,
      averageCount: settings.averageCount ?? 1,
      judge: { model, _ in judge.evaluation(of: model, translates: settings.score == .bleu) },
      writeBest: { model, state in try write(model, state, to: run.best) })
    let (outcome, trainer) = try session.run(trainer(model))
    try write(trainer.model, trainer.state, to: run.last)
    let report = WriterReport(
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
    _ model: consuming TransformerTranslator
  ) throws -> Trainer<TranslatorObjective> {
    try Trainer(
      model, objective: objective(smoothing: settings.labelSmoothing ?? 0),
      examples: examples.training, plan: settings.plan, optimizer: settings.optimizer)
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
    var training: [(String, JSONValue)] = [
      ("data", .array(recipe.request.data.paths.map { .string(FileSystem.name(of: $0)) })),
      ("data_sha256", .array(data.hashes.map { .string($0) })),
      ("pairs", .integer(examples.training.count)),
      ("validation_pairs", .integer(examples.validation.count)),
    ]
    training += state.facts
    training.append(("settings", settings.json))
    return ["task": "translation", "training": .object(JSONObject(training))]
  }
}
