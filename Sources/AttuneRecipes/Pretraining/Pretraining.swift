// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// From texts without labels to a folder with an encoder that knows their language.
///
/// The folder holds `best` and `last`, each a masked-token model that transformers opens and that a classifier can start from,
/// `tokenizer`, and `checkpoints` to resume from.
public struct Pretraining: TrainingRecipe {
  /// What is trained on what, and where the result goes.
  public struct Request: Sendable, Hashable {
    /// Files of texts, gzip or not: one text a line, CSV, TSV or JSON lines.
    public var corpus: [String]
    /// Files to validate with; nil: some documents of `corpus` are kept for it.
    public var validation: [String]?
    /// The folder to be made.
    public var output: String
    /// What happens when `output` exists.
    public var existing = ExistingOutput.refused

    /// A request for a new folder.
    public init(corpus: [String], output: String) {
      (self.corpus, self.output) = (corpus, output)
    }
  }

  let request: Request
  let asked: PretrainingSettings
  let monitor: RecipeMonitor
  var output: RunOutput { RunOutput(request.output, request.existing) }
  private var tokenizerFolder: String { FileSystem.join(request.output, "tokenizer") }

  /// Trains a masked-token model.
  public static func run(
    _ request: Request, settings: PretrainingSettings, monitor: RecipeMonitor
  ) throws -> PretrainingReport {
    try Pretraining(request: request, asked: settings, monitor: monitor).perform()
  }

  private func perform() throws -> PretrainingReport {
    let meter = CostMeter()
    try asked.check()
    try output.check()
    let saved = try output.saved(asked: asked)
    let origin = try (saved?.settings ?? asked).origin.map { try PretrainingOrigin($0) }
    try origin?.check(asked)
    let settings = saved?.settings ?? asked.completed(from: origin?.configuration)
    try settings.check()
    try settings.checkTogether()
    let corpus = try PretrainingCorpus(request.corpus, settings)
    let kept = try request.validation.map { try PretrainingCorpus($0, settings) }
    let hashes = try corpus.hashes() + (kept?.hashes() ?? [])
    try saved?.check(hashes: hashes)
    let tokenizer = try tokenizer(settings, origin, corpus, isResumed: saved != nil)
    let data = try PretrainingData(
      corpus.tokens(tokenizer.tokenizer, monitor),
      validation: kept?.tokens(tokenizer.tokenizer, monitor),
      fraction: settings.validationFraction ?? 0.01, seed: settings.seed ?? 0)
    let (configuration, model) = try model(
      settings, tokenizer.tokenizer, origin, texts: data.training)
    var session = PretrainingSession(
      recipe: self, settings: settings, tokenizer: tokenizer, configuration: configuration,
      data: data, hashes: hashes)
    monitor.notes(session.notes)
    describe(model, configuration, origin)
    if saved == nil {
      try session.settleSteps(model) { meter.cost.seconds }
      try monitor.checkForStop()
      try open(session)
    }
    return try session.run(model, meter)
  }

  /// Makes the folder of a new run.
  private func open(_ session: PretrainingSession) throws {
    try output.open {
      for file in session.tokenizer.files {
        try AtomicFile.write(
          file.bytes, to: FileSystem.join(tokenizerFolder, file.name), existing: .replace,
          parents: .created)
      }
      // Last, since it makes a run of the folder that can be resumed.
      try output.write(session.settings, hashes: session.hashes, result: nil)
    }
  }

  private func tokenizer(
    _ settings: PretrainingSettings, _ origin: PretrainingOrigin?, _ corpus: PretrainingCorpus,
    isResumed: Bool
  ) throws -> PretrainingTokenizer {
    if isResumed { return try PretrainingTokenizer(tokenizerFolder) }
    if let origin { return origin.tokenizer }
    if let path = settings.tokenizer { return try PretrainingTokenizer(path) }
    let trainer = WordPieceTrainer(
      vocabularySize: settings.vocabularySize ?? 16_000, lowercases: settings.lowercases ?? true)
    let tokenizer = try corpus.train(trainer, monitor)
    monitor.note(
      "tokenizer: \(tokenizer.vocabularySize.grouped) word pieces, learned from the texts")
    return try PretrainingTokenizer(
      tokenizer, files: tokenizer.files(maximumLength: settings.windowLength), source: "new")
  }

  /// The model, with the rates of dropout of the settings, and the configuration that is written with it.
  private func model(
    _ settings: PretrainingSettings, _ tokenizer: Tokenizer, _ origin: PretrainingOrigin?,
    texts: TokenCorpus
  ) throws -> (EncoderConfiguration, MaskedLanguageModel) {
    let key = RandomKey(seed: settings.seed ?? 0)
    let configuration =
      origin?.configuration
      ?? settings.configuration(
        vocabularySize: tokenizer.vocabularySize, paddingID: Int(tokenizer.padID ?? 0))
    try SettingError.require(
      settings.nextSentence != true || configuration.family.hasNextSentence, "--next-sentence",
      configuration.family.rawValue, "a model of the family bert")
    let own = try origin?.model(
      readsNextSentence: settings.nextSentence ?? false, key: key.place(1))
    var model = MaskedLanguageModel(
      configuration.dropping(settings.dropout ?? 0, attention: settings.attentionDropout ?? 0),
      isTied: own?.head.output == nil, key: own == nil ? key : .blank)
    if let own {
      // Rates of dropout are fixed when a model is made.
      let known = Dictionary(
        own.namedTensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
      model.nextSentence = own.nextSentence
      model.updateTensors { name, tensor, _ in tensor = known[name] ?? tensor }
    }
    try WordVectors.start(
      &model.encoder.embeddings.token, from: settings.wordVectors, TokenTexts(tokenizer),
      texts: (0..<texts.documentCount).lazy.map { texts[texts.range(ofDocument: $0)] }, key: key,
      monitor)
    if settings.nextSentence == true, model.nextSentence == nil {
      model.nextSentence = NextSentenceHead(
        dimension: configuration.layer.modelDimension, key: key.place(2))
    }
    return (configuration, model)
  }

  private func describe(
    _ model: MaskedLanguageModel, _ configuration: EncoderConfiguration,
    _ origin: PretrainingOrigin?
  ) {
    let layer = configuration.layer
    monitor.note(
      "model: \(configuration.family.rawValue), \(configuration.layerCount) layers of "
        + "\(layer.modelDimension) columns, \(layer.headCount) heads, "
        + "\(configuration.vocabularySize.grouped) tokens, \(model.parameterCount.grouped) parameters"
    )
    guard let origin else { return }
    monitor.note(
      "from: \(origin.name), with \(origin.hasHead ? "its own head" : "a new head") for masked tokens"
    )
  }
}

extension EncoderConfiguration {
  /// The configuration with other rates of dropout.
  fileprivate func dropping(_ states: Float, attention: Float) -> EncoderConfiguration {
    var changed = self
    (changed.layer.dropout, changed.layer.attentionDropout) = (states, attention)
    if embeddingDropout != nil { changed.embeddingDropout = states }
    if layer.attentionOutputDropout != nil { changed.layer.attentionOutputDropout = states }
    if layer.feedForwardDropout > 0 { changed.layer.feedForwardDropout = states }
    return changed
  }
}
