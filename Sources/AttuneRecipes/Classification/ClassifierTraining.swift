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

/// From a file of labelled texts to a model folder, with a yardstick beside it.
///
/// The folder holds `best` and `last`, each a model that other programs open, and `checkpoints` to resume from.
public struct ClassifierTraining {
  /// What is trained on what, and where the result goes.
  public struct Request: Sendable, Hashable {
    /// CSV, TSV or JSON lines with labelled texts.
    public var data: String
    /// Such a file to validate with; nil: a part of `data` is kept for it.
    public var validation: String?
    /// The folder to be made.
    public var output: String
    /// A model folder to start from; nil: from scratch.
    public var origin: String?
    /// What happens when `output` exists.
    public var existing = Existing.refused

    /// A request for a new folder.
    public init(data: String, output: String) {
      self.data = data
      self.output = output
    }
  }

  /// What happens when the output exists.
  public enum Existing: String, Sendable, Hashable {
    case refused
    /// A run that stands there is deleted, once the data have been found good.
    case overwritten
    /// A run that was interrupted goes on.
    case resumed
  }

  let request: Request
  let asked: ClassifierSettings
  let shouldStop: () -> Bool
  let observe: (RecipeEvent) -> Void
  var folder: TrainingRun { TrainingRun(request.output) }

  private init(
    _ request: Request, _ settings: ClassifierSettings, shouldStop: @escaping () -> Bool,
    observe: @escaping (RecipeEvent) -> Void
  ) {
    self.request = request
    asked = settings
    self.shouldStop = shouldStop
    self.observe = observe
  }

  /// Trains a classifier.
  ///
  /// - Parameters:
  ///   - settings: What the user asks for; the rest is chosen by the data.
  ///   - shouldStop: Polled before each step; when true, the run is saved and returns.
  ///   - observe: Told what happens.
  public static func run(
    _ request: Request, settings: ClassifierSettings = ClassifierSettings(),
    shouldStop: @escaping () -> Bool = { false },
    observe: @escaping (RecipeEvent) -> Void = { _ in }
  ) throws -> ClassifierReport {
    let training = ClassifierTraining(
      request, settings, shouldStop: shouldStop, observe: observe)
    return try training.perform()
  }

  private func perform() throws -> ClassifierReport {
    try checkOutput()
    let saved = try savedRun()
    let known = saved.map { asked.merged(over: $0.settings) } ?? asked
    let data = try ClassificationData(request, known)
    data.notes.forEach { observe(.note($0)) }
    data.warnings.forEach { observe(.warning($0)) }
    if let saved, saved.hashes != data.hashes {
      throw ClassifierTrainingError.otherData(run: folder.path)
    }
    let origin = try request.origin.map { try Origin($0, labels: data.labels) }
    let settings =
      origin.map { known.completed(forPretrained: $0.configuration.encoder) }
      ?? known.completed(forScratch: data.size)
    try settings.check()
    try origin?.check(settings)
    let yardstick = measureYardstick(data, settings)
    if shouldStop() { throw ClassifierTrainingError.interruptedEarly }
    let session = try prepare(data, settings, origin)
    return try session.run(yardstick: yardstick)
  }

  private func checkOutput() throws {
    let exists = FileSystem.exists(folder.path)
    switch request.existing {
    case .refused where exists: throw ClassifierTrainingError.outputExists(folder.path)
    case .resumed where !FileSystem.exists(folder.settings):
      throw ClassifierTrainingError.nothingToResume(folder.path)
    case .overwritten where exists && !FileSystem.exists(folder.settings):
      throw ClassifierTrainingError.notARun(folder.path)
    default: break
    }
  }

  private struct SavedRun {
    let settings: ClassifierSettings
    let hashes: [String]
  }

  /// What the interrupted run was asked; nil for a new one.
  private func savedRun() throws -> SavedRun? {
    guard request.existing == .resumed else { return nil }
    let json = try InputFile.json(of: folder.settings)
    let settings = try ClassifierSettings(json.field(at: "settings"))
    let changed = asked.differences(from: settings)
    guard changed.isEmpty else {
      throw ClassifierTrainingError.resumedWithOther(settings: changed, run: folder.path)
    }
    return SavedRun(settings: settings, hashes: try json.strings(at: "data_sha256"))
  }

  private func measureYardstick(
    _ data: ClassificationData, _ settings: ClassifierSettings
  ) -> ClassificationMetrics {
    func texts(_ set: LabelledTextSet) -> [String] {
      set.examples.map { TextParts($0.parts).joined }
    }
    var yardstick = HashedNGramClassifier.Settings()
    if settings.classWeight == .balanced { yardstick.classWeights = .balanced }
    let classifier = HashedNGramClassifier(
      texts: texts(data.training), labels: data.labelIndices(data.training),
      labelCount: data.labels.count, settings: yardstick)
    let metrics = ClassificationMetrics(
      labels: data.labelIndices(data.validation),
      predictions: classifier.predictions(for: texts(data.validation)),
      labelCount: data.labels.count)
    observe(
      .note(
        "yardstick (logistic regression on words and word pairs): accuracy \(metrics.accuracy.rounded4), macro-F1 \(metrics.macroF1.rounded4)"
      ))
    return metrics
  }

  /// Tokenizer, examples and model; the output folder is made last.
  private func prepare(
    _ data: ClassificationData, _ settings: ClassifierSettings, _ origin: Origin?
  ) throws -> ClassifierSession {
    let tokenizer = try origin?.tokenizer ?? trainTokenizer(data, settings)
    let window = settings.maximumLength ?? 256
    let isPair = data.columns.count == 2
    let knowsPairs = (origin?.configuration.encoder.segmentCount ?? 2) > 1
    var truncated = 0
    func encode(_ set: LabelledTextSet) -> [ClassificationExample] {
      let labels = data.labelIndices(set)
      let encodings = Parallel.map(set.examples.count, chunk: 64) {
        tokenizer.encode(TextParts(set.examples[$0].parts), maximumLength: window)
      }
      truncated += encodings.lazy.filter { $0.truncatedCount > 0 }.count
      return zip(encodings, labels).map { encoding, label in
        ClassificationExample(
          ids: encoding.ids, segments: isPair && knowsPairs ? encoding.segments : nil,
          label: label)
      }
    }
    let (training, validation) = (encode(data.training), encode(data.validation))
    if truncated > 0 {
      observe(
        .note(
          "\(truncated) texts are longer than \(window) tokens and were cut (--max-length)"))
    }
    let key = RandomKey(seed: settings.seed ?? 0)
    var configuration =
      origin?.configuration
      ?? settings.configuration(vocabularySize: tokenizer.vocabularySize, labels: data.labels)
    configuration.encoder.layer.dropout = settings.dropout ?? 0.1
    configuration.encoder.layer.attentionDropout = settings.attentionDropout ?? 0.1
    configuration.headDropout = settings.headDropout ?? 0.1
    let model =
      try origin?.model(configuration, key: key) ?? TextClassifier(configuration, key: key)
    observe(.note("model: \(configuration.summary), \(model.parameterCount) parameters"))
    try openOutput(data, settings)
    return ClassifierSession(
      recipe: self, data: data, settings: settings, tokenizer: tokenizer,
      configuration: configuration, model: model, training: training, validation: validation)
  }

  private func trainTokenizer(
    _ data: ClassificationData, _ settings: ClassifierSettings
  ) throws -> Tokenizer {
    let trainer = WordPieceTrainer(
      vocabularySize: settings.vocabularySize ?? 8_000, lowercases: settings.lowercases ?? true)
    let tokenizer = try trainer.train(on: data.training.examples.lazy.flatMap(\.parts))
    observe(.note("tokenizer: \(tokenizer.vocabularySize) word pieces"))
    return tokenizer
  }

  private func openOutput(_ data: ClassificationData, _ settings: ClassifierSettings) throws {
    if request.existing == .resumed { return }
    if request.existing == .overwritten, FileSystem.exists(folder.path) {
      try FileSystem.remove(folder.path)
    }
    let json: JSONValue = [
      "settings": settings.json,
      "data_sha256": .array(data.hashes.map { .string($0) }),
    ]
    try FileSystem.createFolder(folder.path)
    try AtomicFile.write(
      try json.serialized(.pretty) + [0x0A], to: folder.settings, existing: .replace,
      parents: .created)
  }
}
