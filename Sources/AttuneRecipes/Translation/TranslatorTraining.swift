// SPDX-License-Identifier: Apache-2.0

public import AttuneData
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// From pairs of texts to a folder with a translator.
///
/// The folder holds `best` and `last`, each a model that other programs open, and `checkpoints` to resume from.
public struct TranslatorTraining: TrainingRecipe {
  /// What is trained on what, and where the result goes.
  public struct Request: Sendable, Hashable {
    /// Pairs to learn from.
    public var data: PairFiles
    /// Pairs to validate with; nil: some of `data` are kept for it.
    public var validation: PairFiles?
    /// The folder to be made.
    public var output: String
    /// What happens when `output` exists.
    public var existing = ExistingOutput.refused

    /// A request for a new folder.
    public init(data: PairFiles, output: String) {
      self.data = data
      self.output = output
    }
  }

  private typealias TranslatorObjective = NextTokenObjective<TransformerTranslator, [Int32]>

  let request: Request
  let asked: TranslatorSettings
  let monitor: RecipeMonitor
  var output: RunOutput { RunOutput(request.output, request.existing) }

  /// Trains a translator.
  public static func run(
    _ request: Request, settings: TranslatorSettings, monitor: RecipeMonitor
  ) throws -> WriterReport {
    var asked = settings
    // A run that goes on must know the columns, too, when nobody names them again.
    if case .table(_, let source, let target) = request.data {
      (asked.sourceColumn, asked.targetColumn) = (
        asked.sourceColumn ?? source, asked.targetColumn ?? target
      )
    }
    return try TranslatorTraining(request: request, asked: asked, monitor: monitor).perform()
  }

  private func perform() throws -> WriterReport {
    let meter = CostMeter()
    try asked.check()
    try asked.checkOrigin()
    try output.check()
    let saved = try output.saved(asked: asked)
    let settings = saved?.settings ?? asked.completed()
    try settings.check()
    try settings.checkSizes()
    let origin = try settings.openOrigin()
    let data = try TranslationData(
      saved == nil ? request : request.naming(columnsOf: settings), settings)
    monitor.notes(data.notes)
    monitor.warnings(data.warnings)
    try saved?.check(hashes: data.hashes)
    let tokenizers =
      try output.keptTokenizers() ?? origin?.tokenizers
      ?? settings.trainTokenizers(
        on: data.training.lazy.flatMap { [$0.source, $0.target] }, monitor)
    try monitor.checkForStop()
    let configuration =
      origin.map { settings.retrained($0.configuration) }
      ?? settings.configuration(
        vocabularySize: tokenizers.vocabulary.count, tokens: TranslatorTokens(tokenizers.target))
    let limit = min(settings.maximumLength ?? 256, configuration.maximumLength)
    let examples = data.examples(tokenizers, limit: limit)
    monitor.notes(examples.notes)
    guard !examples.training.isEmpty, !examples.validation.isEmpty else {
      throw SettingError(
        setting: "--max-length", found: "\(limit)", expected: "a length that some pairs have")
    }
    let model = try model(configuration, settings, tokenizers, examples, origin)
    return try session(settings, data, tokenizers, configuration, examples, origin)
      .run(trainer(model, configuration, settings, examples), meter)
  }

  private func model(
    _ configuration: TranslatorConfiguration, _ settings: TranslatorSettings,
    _ tokenizers: TranslationTokenizers, _ examples: TranslationData.Examples,
    _ origin: OpenTranslator?
  ) throws -> TransformerTranslator {
    let key = RandomKey(seed: settings.seed ?? 0)
    var model = TransformerTranslator(configuration, key: key)
    if let origin { model.takeTensors(of: origin.model) }
    try WordVectors.start(
      &model.table, from: settings.wordVectors, TokenTexts(tokenizers.source),
      texts: examples.training.lazy.flatMap { [$0.source, $0.target] }, key: key, monitor)
    monitor.note(
      "model: \(configuration.summary), \(model.parameterCount.grouped) parameters"
        + (settings.origin.map { ", those of \($0)" } ?? ""))
    return model
  }

  private func trainer(
    _ model: consuming TransformerTranslator, _ configuration: TranslatorConfiguration,
    _ settings: TranslatorSettings, _ examples: TranslationData.Examples
  ) throws -> Trainer<TranslatorObjective> {
    let start = configuration.tokens.start
    // CTranslate2 begins with a zero vector, whatever stands in the table.
    let objective = TranslatorObjective(
      startToken: start, labelSmoothing: settings.labelSmoothing ?? 0,
      restore: { $0.clearVector(of: start) })
    return try Trainer(
      model, objective: objective, examples: examples.training, plan: settings.plan,
      optimizer: settings.optimizer)
  }

  private func session(
    _ settings: TranslatorSettings, _ data: TranslationData, _ tokenizers: TranslationTokenizers,
    _ configuration: TranslatorConfiguration, _ examples: TranslationData.Examples,
    _ origin: OpenTranslator?
  ) -> WriterSession<TranslatorObjective, TranslatorSettings> {
    let judge = TranslatorJudge(
      pairs: examples.validation, references: data.validation.map(\.target),
      tokenizer: tokenizers.target, tokens: configuration.tokens, score: settings.score ?? .loss)
    return WriterSession(
      output: output, monitor: monitor, settings: settings,
      data: RunData(
        files: request.data.paths, hashes: data.hashes,
        counts: [
          ("pairs", examples.training.count), ("validation_pairs", examples.validation.count),
        ]),
      reader: configuration.layout.reader,
      evaluate: { model, isEnd in
        judge.evaluation(of: model, translates: isEnd || settings.score == .bleu)
      },
      open: { try OpenTranslator(contentsOf: $0).model },
      write: { model, training, writer in
        try OpenTranslator.write(
          model, configuration, tokenizers, generation: origin?.generation,
          attune: ["task": "translation", "training": training], with: writer)
      })
  }
}

extension TranslatorTraining.Request {
  /// The request with the columns of a run that goes on, where it names none.
  fileprivate func naming(columnsOf settings: TranslatorSettings) -> Self {
    func named(_ files: PairFiles) -> PairFiles {
      guard case .table(let path, nil, nil) = files else { return files }
      return .table(path, source: settings.sourceColumn, target: settings.targetColumn)
    }
    var request = self
    (request.data, request.validation) = (named(data), validation.map(named))
    return request
  }
}

extension TranslatorSettings {
  /// The translator that the training goes on with; nil: it starts from nothing.
  fileprivate func openOrigin() throws -> OpenTranslator? {
    guard let origin else { return nil }
    try FolderKind.require(.translator, at: origin)
    return try OpenTranslator(contentsOf: origin)
  }

  fileprivate func retrained(_ configuration: TranslatorConfiguration) -> TranslatorConfiguration {
    var configuration = configuration
    configuration.encoder = retrained(configuration.encoder)
    configuration.decoder = retrained(configuration.decoder)
    return configuration
  }
}

extension TranslatorConfiguration {
  /// The sizes in words.
  var summary: String {
    "\(encoderLayerCount)+\(decoderLayerCount) layers of \(encoder.modelDimension) columns, "
      + "\(encoder.headCount) heads, feed-forward \(encoder.feedForwardDimension), "
      + "\(encoder.normPlacement.rawValue)-norm"
  }
}

extension Int {
  /// The number with its digits in groups of three.
  var grouped: String {
    var (digits, result) = (Array(String(magnitude)), "")
    while digits.count > 3 {
      result = "," + String(digits.suffix(3)) + result
      digits.removeLast(3)
    }
    return (self < 0 ? "-" : "") + String(digits) + result
  }
}
