// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// From vectors and captions to a folder with a captioner.
///
/// The folder holds the models `best` and `last`, and `checkpoints` to resume from.
public struct CaptionerTraining: TrainingRecipe {
  /// What is trained on what, and where the result goes.
  public struct Request: Sendable, Hashable {
    /// What to learn from.
    public var data: CaptionFiles
    /// What to validate with; nil: some vectors of `data` are kept for it.
    public var validation: CaptionFiles?
    /// The folder to be made.
    public var output: String
    /// What happens when `output` exists.
    public var existing = ExistingOutput.refused

    /// A request for a new folder.
    public init(data: CaptionFiles, output: String) {
      self.data = data
      self.output = output
    }

    var files: [String] { data.paths + (validation?.paths ?? []) }
  }

  typealias CaptionObjective = NextTokenObjective<VectorCaptioner, Int>

  let request: Request
  let asked: CaptionerSettings
  let monitor: RecipeMonitor
  var output: RunOutput { RunOutput(request.output, request.existing) }

  /// Trains a captioner.
  public static func run(
    _ request: Request, settings: CaptionerSettings, monitor: RecipeMonitor
  ) throws -> WriterReport {
    try CaptionerTraining(request: request, asked: settings, monitor: monitor).perform()
  }

  private func perform() throws -> WriterReport {
    let meter = CostMeter()
    try check()
    let saved = try output.saved(asked: asked)
    let settings = saved?.settings ?? asked.completed()
    try settings.check()
    try settings.checkSizes()
    let origin = try CaptionerOrigin(settings)
    let data = try CaptioningData(request, settings)
    monitor.notes(data.notes)
    monitor.warnings(data.warnings)
    try saved?.check(hashes: data.hashes)
    let tokenizers =
      try origin?.tokenizers ?? output.keptTokenizers(of: .target)
      ?? settings.trainTokenizers(on: data.training.captions.lazy.joined(), monitor)
    try monitor.checkForStop()
    let target = tokenizers.target
    let configuration =
      try origin?.configuration(data, settings)
      ?? settings.configuration(
        dimension: data.dimension, form: data.form, vocabularySize: tokenizers.vocabulary.count,
        tokens: TranslatorTokens(target))
    let limit = min(settings.maximumLength ?? 128, configuration.maximumLength)
    let examples = data.examples(target, limit: limit)
    monitor.notes(examples.notes)
    guard !examples.training.isEmpty else {
      throw SettingError(
        setting: "--max-length", found: "\(limit)", expected: "a length that some captions have")
    }
    let model = try model(configuration, settings, data, target, examples, origin)
    return try session(settings, data, tokenizers, configuration, examples)
      .run(trainer(model, configuration, settings, data, examples), meter)
  }

  private func trainer(
    _ model: consuming VectorCaptioner, _ configuration: CaptionerConfiguration,
    _ settings: CaptionerSettings, _ data: CaptioningData, _ examples: CaptioningData.Examples
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

  private func session(
    _ settings: CaptionerSettings, _ data: CaptioningData, _ tokenizers: TranslationTokenizers,
    _ configuration: CaptionerConfiguration, _ examples: CaptioningData.Examples
  ) -> WriterSession<CaptionObjective, CaptionerSettings> {
    let longest = examples.validation.map(\.target.count).max() ?? 0
    let judge = CaptionerJudge(
      vectors: data.validation.table, references: data.validation.captions,
      pairs: examples.validation, tokenizer: tokenizers.target, tokens: configuration.tokens,
      maximumLength: min(configuration.maximumLength, 2 * longest + 10),
      score: settings.score ?? .loss)
    return WriterSession(
      output: output, monitor: monitor, settings: settings,
      data: RunData(
        files: request.files, hashes: data.hashes,
        counts: [
          ("vectors", data.training.captions.count), ("captions", examples.training.count),
          ("validation_vectors", data.validation.captions.count),
        ],
        // From there an evaluation also knows what was learned from.
        members: [("data", CaptionerRunData(request, settings).json)]),
      reader: TranslatorLayout.attune.reader,
      evaluate: { model, isEnd in
        judge.evaluation(of: model, writes: isEnd || settings.score != .loss)
      },
      open: { try OpenCaptioner(contentsOf: $0).model },
      write: { model, training, writer in
        try OpenCaptioner.write(
          model, configuration, tokenizers,
          attune: ["task": "captioning", "training": training], with: writer)
      })
  }

  /// Throws for what can be told before any file is read.
  private func check() throws {
    try asked.check()
    try asked.checkOrigin()
    for file in request.files {
      try SettingError.require(
        file != "-", "--vectors and --captions", file, "files: a run that goes on reads them again")
    }
    try output.check()
  }

  private func model(
    _ configuration: CaptionerConfiguration, _ settings: CaptionerSettings, _ data: CaptioningData,
    _ tokenizer: LanguageTokenizer, _ examples: CaptioningData.Examples, _ origin: CaptionerOrigin?
  ) throws -> VectorCaptioner {
    let key = RandomKey(seed: settings.seed ?? 0)
    var model = VectorCaptioner(configuration, key: key)
    origin?.pass(to: &model)
    try WordVectors.start(
      &model.table, from: settings.wordVectors, TokenTexts(tokenizer),
      texts: examples.training.lazy.map(\.target), key: key, monitor)
    if origin?.scalesVectors != true { model.encoder.fit(to: data.training.table.values) }
    monitor.note(
      "model: \(configuration.summary), \(model.parameterCount.grouped) parameters"
        + (settings.origin.map { ", those of \($0)" } ?? "")
        + (settings.decoderOrigin.map { ", the decoder that of \($0)" } ?? ""))
    return model
  }
}

extension CaptionerConfiguration {
  /// The sizes in words.
  fileprivate var summary: String {
    let positions = vectors.mapping?.constantCount ?? vectors.positionsPerVector
    let mapping = vectors.mapping.map { " by \($0.layerCount) mapping layers" } ?? ""
    return
      "\(positions) positions a \(vectors.form.rawValue)\(mapping), \(decoderLayerCount) layers of "
      + "\(decoder.modelDimension) columns, \(decoder.headCount) heads, feed-forward "
      + "\(decoder.feedForwardDimension), \(decoder.normPlacement.rawValue)-norm"
  }
}
