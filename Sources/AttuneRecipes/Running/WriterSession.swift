// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttunePipelines
internal import AttuneTokenizers
internal import AttuneTraining

/// What a run learned from, as its folder says it.
struct RunData {
  /// The files that `attune.json` names.
  let files: [String]
  /// SHA-256 of all files.
  let hashes: [String]
  /// How much was learned from and judged by.
  let counts: [(String, Int)]
  /// Members of `run.json` beside those of every run.
  var members: [(String, JSONValue)] = []
}

extension RunOutput {
  /// The tokenizers of a run that goes on, once it has written a model: a newer program might learn others.
  ///
  /// - Parameter sides: Whose files its models have.
  func keptTokenizers(
    of sides: TranslationTokenizers.Sides = .both
  ) throws -> TranslationTokenizers? {
    guard existing == .resumed else { return nil }
    let models = [folder.last, folder.best].filter { FileSystem.exists($0) }
    return try models.first.map { try TranslationTokenizers(contentsOf: $0, sides: sides) }
  }
}

/// The training of a model that writes texts, once data, tokenizers and model are ready: steps, checkpoints, model folders.
struct WriterSession<ModelObjective: Objective, Settings: WriterSettings> {
  typealias Model = ModelObjective.Model

  let output: RunOutput
  let monitor: RecipeMonitor
  let settings: Settings
  let data: RunData
  /// Which program opens the models, for people.
  let reader: String
  /// How a model does on the validation data; in the end it writes texts in any case, which are compared.
  let evaluate: (Model, _ isEnd: Bool) -> Evaluation
  /// Opens the model of a folder.
  let open: (_ path: String) throws -> Model
  /// Writes a model, with what `attune.json` says of its training.
  let write: (Model, _ training: JSONValue, ModelFolderWriter) throws -> Void

  private var run: TrainingRun { output.folder }

  /// Makes the folder of a new run and the steps that are left.
  ///
  /// - Parameter trainer: The run before its first step, which nobody else holds: so its model is updated in place.
  func run(_ trainer: consuming Trainer<ModelObjective>, _ meter: CostMeter) throws -> WriterReport
  {
    try output.open { try writeRun(result: nil) }
    let session = TrainingSession<ModelObjective>(
      output: output, monitor: monitor, meter: meter, averageCount: settings.averageCount ?? 1,
      judge: { model, _ in evaluate(model, false) },
      writeBest: { model, state in try write(model, state, to: run.best) })
    let (outcome, trained) = try session.run(trainer)
    try write(trained.model, trained.state, to: run.last)
    let best = FileSystem.exists(run.best) ? try open(run.best) : trained.model
    // Who interrupts a run is not kept waiting for texts.
    let evaluation = evaluate(best, outcome != .interrupted)
    let report = WriterReport(
      outcome: outcome, evaluation: evaluation, state: trained.state, cost: meter.cost,
      parameterCount: trained.model.parameterCount, run: run.path, reader: reader)
    try writeRun(result: report.json)
    return report
  }

  private func writeRun(result: JSONValue?) throws {
    try output.write(settings, hashes: data.hashes, members: data.members, result: result)
  }

  /// Writes a model folder that takes the place of an older one.
  private func write(_ model: Model, _ state: TrainingState, to path: String) throws {
    var training: [(String, JSONValue)] = [
      ("data", .array(data.files.map { .string(FileSystem.name(of: $0)) })),
      ("data_sha256", .array(data.hashes.map { .string($0) })),
    ]
    training += data.counts.map { ($0, .integer($1)) } + state.facts
    training.append(("settings", settings.json))
    try ModelFolder.create(path, overwriting: true) { writer in
      try write(model, .object(JSONObject(training)), writer)
    }
  }
}
