// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// A captioner's training once data, tokenizer and model are ready: steps, checkpoints, model folders.
struct CaptionerSession {
  typealias CaptionObjective = NextTokenObjective<VectorCaptioner, Int>

  let recipe: CaptionerTraining
  let settings: CaptionerSettings
  let data: CaptioningData
  let tokenizers: TranslationTokenizers
  let configuration: CaptionerConfiguration
  let examples: CaptioningData.Examples

  private var run: TrainingRun { recipe.output.folder }

  /// Trains the model, which nobody else holds: so it is updated in place and never copied.
  func run(_ model: consuming VectorCaptioner, _ meter: CostMeter) throws -> WriterReport {
    let parameterCount = model.parameterCount
    let session = TrainingSession<CaptionObjective>(
      output: recipe.output, monitor: recipe.monitor, meter: meter,
      averageCount: settings.averageCount ?? 1,
      judge: { model, _ in judge.evaluation(of: model, writes: settings.score != .loss) },
      writeBest: { model, state in try write(model, state, to: run.best) })
    let (outcome, trainer) = try session.run(trainer(model))
    try write(trainer.model, trainer.state, to: run.last)
    let report = WriterReport(
      outcome: outcome, evaluation: try bestEvaluation(trainer.model), state: trainer.state,
      cost: meter.cost, parameterCount: parameterCount, run: run.path,
      reader: TranslatorLayout.attune.reader)
    try writeSettings(result: report.json)
    return report
  }

  /// Writes `run.json`, from which an evaluation also knows what was learned from.
  func writeSettings(result: JSONValue?) throws {
    try recipe.output.write(
      settings, hashes: data.hashes,
      members: [("data", CaptionerRunData(recipe.request, settings).json)], result: result)
  }

  /// How the model that is written as the best does.
  private func bestEvaluation(_ last: VectorCaptioner) throws -> Evaluation {
    let best = FileSystem.exists(run.best) ? try OpenCaptioner(contentsOf: run.best).model : last
    return judge.evaluation(of: best, writes: true)
  }

  private func trainer(
    _ model: consuming VectorCaptioner
  ) throws -> Trainer<CaptionObjective> {
    let table = data.training.table
    let objective = CaptionObjective(
      startToken: configuration.tokens.start, labelSmoothing: settings.labelSmoothing ?? 0
    ) { table.items($0) }
    var plan = settings.plan
    plan.batching = settings.captionBatching
    return try Trainer(
      model, objective: objective, examples: examples.training, plan: plan,
      optimizer: settings.optimizer)
  }

  private var judge: CaptionerJudge {
    CaptionerJudge(
      vectors: data.validation.table, references: data.validation.captions,
      pairs: examples.validation, tokenizer: tokenizers.target, tokens: configuration.tokens,
      maximumLength: min(configuration.maximumLength, 2 * longestTarget + 10),
      score: settings.score ?? .loss)
  }

  private var longestTarget: Int { examples.validation.map(\.target.count).max() ?? 0 }

  /// Writes a model folder that takes the place of an older one.
  private func write(
    _ model: VectorCaptioner, _ state: TrainingState, to path: String
  ) throws {
    try ModelFolder.create(path, overwriting: true) { writer in
      try OpenCaptioner.write(
        model, configuration, tokenizers, attune: facts(state), with: writer)
    }
  }

  /// What `attune.json` says of the model.
  private func facts(_ state: TrainingState) -> JSONValue {
    var training: [(String, JSONValue)] = [
      ("data", .array(recipe.request.files.map { .string(FileSystem.name(of: $0)) })),
      ("data_sha256", .array(data.hashes.map { .string($0) })),
      ("vectors", .integer(data.training.captions.count)),
      ("captions", .integer(examples.training.count)),
      ("validation_vectors", .integer(data.validation.captions.count)),
    ]
    training += state.facts
    training.append(("settings", settings.json))
    return ["task": "captioning", "training": .object(JSONObject(training))]
  }
}
