// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers

/// A trained model that another training starts from.
struct Origin {
  /// What a classifier says, and how.
  struct Head {
    let labels: [String]
    let task: ClassificationTask
  }

  /// The name of the classifier that is compiled in.
  static let bundled = "bundled"
  /// The name of no model at all.
  static let scratch = "scratch"

  /// The folder, or `bundled`.
  let name: String
  let tokenizer: Tokenizer
  /// Where its files lie; nil: nowhere.
  private let tokenizerFolder: String?
  private let source: Source

  private enum Source {
    /// A classifier with its head.
    case classifier(ClassifierFolder)
    /// Any other encoder.
    case encoder(ModelFolder)
  }

  init(_ path: String) throws {
    let isBundled = path == Self.bundled
    let folder =
      try isBundled
      ? BundledModel.classifier.folder() : ModelFolder(TrainingRun.bestModel(of: path))
    name = isBundled ? path : folder.path
    tokenizer = try Tokenizer(contentsOf: folder.encoderFiles)
    tokenizerFolder = isBundled ? nil : folder.encoderPath
    source =
      try ClassifierFolder.isClassifier(folder)
      ? .classifier(ClassifierFolder(folder)) : .encoder(folder)
  }

  /// The files of the tokenizer as they are, so that other programs see the very same one; nil: there are none.
  func tokenizerFiles() throws -> [Tokenizer.File]? {
    try tokenizerFolder.map { try Tokenizer.files(in: $0) }
  }

  /// The model's own head; nil when it is no classifier.
  var head: Head? {
    guard case .classifier(let classifier) = source else { return nil }
    return Head(labels: classifier.configuration.labels, task: classifier.configuration.task)
  }

  /// Whether the model's own head says what is to be learned.
  func keepsHead(for labels: [String], _ task: ClassificationTask) -> Bool {
    guard let head else { return false }
    // Of numbers there is only one kind, whatever their column is called.
    return head.task == task && (head.labels == labels || task == .regression)
  }

  /// The shape of the classifier that grows from the model.
  func configuration(
    labels: [String], task: ClassificationTask
  ) throws -> ClassifierConfiguration {
    var configuration =
      switch source {
      case .classifier(let classifier): classifier.configuration
      case .encoder(let folder):
        try ClassifierFolder.configuration(adapting: folder, labels: labels)
      }
    (configuration.labels, configuration.task) = (labels, task)
    guard tokenizer.vocabularySize <= configuration.encoder.vocabularySize else {
      throw ClassifierTrainingError.otherTokenizer(
        name, tokens: tokenizer.vocabularySize, entries: configuration.encoder.vocabularySize)
    }
    return configuration
  }

  /// Throws when the user asks for another shape than the model has.
  ///
  /// - Parameter asked: What the user asks for, and nothing else.
  func checkShape(_ asked: ClassifierSettings) throws(ClassifierTrainingError) {
    let isAsked = [
      ("--layers", asked.layers != nil), ("--dimension", asked.dimension != nil),
      ("--heads", asked.heads != nil), ("--feed-forward", asked.feedForwardDimension != nil),
      ("--vocabulary", asked.vocabularySize != nil), ("--norm", asked.normPlacement != nil),
      ("--positions", asked.positions != nil), ("--cased", asked.lowercases != nil),
      ("--word-vectors", asked.wordVectors != nil),
      // A head that is there wants the vector that it learned from.
      ("--pooling", asked.pooling != nil && head != nil),
    ]
    let names = isAsked.filter(\.1).map(\.0)
    guard names.isEmpty else { throw .settingsOfNewModel(names, origin: name) }
  }

  /// Throws when the settings ask for more than the encoder has.
  func check(
    _ settings: ClassifierSettings, _ configuration: ClassifierConfiguration
  ) throws(SettingError) {
    let longest = configuration.encoder.maximumLength
    guard settings.maximumLength ?? 0 <= longest else {
      throw SettingError(
        setting: "--max-length", found: "\(settings.maximumLength ?? 0)",
        expected: "at most \(longest), the positions of \(name)")
    }
  }

  /// The pretrained encoder with a new head, or with its own.
  func model(_ configuration: ClassifierConfiguration, key: RandomKey) throws -> TextClassifier {
    switch source {
    case .encoder(let folder):
      return try ClassifierFolder.model(adapting: folder, configuration, key: key)
    case .classifier(let classifier):
      let keepsHead = keepsHead(for: configuration.labels, configuration.task)
      let known = Dictionary(
        classifier.model.namedTensors.map { ($0.name, $0.tensor) },
        uniquingKeysWith: { first, _ in first })
      // Made anew and filled, since rates of dropout are fixed when a model is made.
      var model = TextClassifier(withNewHead: configuration, key: key)
      model.updateTensors { name, tensor, _ in
        if keepsHead || !name.hasPrefix("head.classifier."), let own = known[name] { tensor = own }
      }
      return model
    }
  }
}
