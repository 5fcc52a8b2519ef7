// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
public import AttuneFormats
public import AttuneLayers
internal import AttuneTensors

/// A classifier as read from a folder.
public struct ClassifierFolder: Sendable {
  /// What determines the model's shape.
  public let configuration: ClassifierConfiguration
  /// The model.
  public let model: TextClassifier
  /// How the folder is laid out.
  public let layout: ClassifierLayout
  /// `attune.json`; nil in folders that others wrote.
  public let attune: JSONField?
  /// What the file holds and is not used, and what is odd about it.
  public let report: ParameterLoadingReport

  /// Reads a classifier; everything is checked before anything is returned.
  public init(_ folder: ModelFolder) throws {
    let json = try folder.configuration()
    let type = try json.string(at: "model_type")
    attune = try folder.attune()
    switch type {
    case ClassifierConfiguration.ownModelType:
      layout = .attune
      configuration = try ClassifierConfiguration(attune: json)
      (model, report) = try Self.load(configuration, from: folder, names: .identity)
    case "bert" where folder.has(SentenceTransformersFolder.modulesFile):
      layout = .sentenceTransformers
      let modules = try SentenceTransformersFolder(folder, json)
      configuration = modules.configuration
      (model, report) = try modules.load()
    case "bert":
      layout = .bert
      try json.requireClassifier()
      configuration = try ClassifierConfiguration(bertClassifier: json)
      (model, report) = try Self.load(configuration, from: folder, names: .bert)
    default:
      throw try json.field(at: "model_type").error(
        "found '\(type)', expected one of: bert, \(ClassifierConfiguration.ownModelType).")
    }
  }

  private static func load(
    _ configuration: ClassifierConfiguration, from folder: ModelFolder, names: ParameterNameMap
  ) throws -> (TextClassifier, ParameterLoadingReport) {
    let weights = try folder.weights()
    try configuration.requirePlausible(weights)
    var model = TextClassifier(empty: configuration)
    let report = try model.load(from: weights, names: names)
    return (model, report)
  }

  /// Reads a classifier in our own layout from memory.
  public init(configuration json: JSONField, weights: some TensorSource) throws {
    layout = .attune
    attune = nil
    configuration = try ClassifierConfiguration(attune: json)
    try configuration.requirePlausible(weights)
    var model = TextClassifier(empty: configuration)
    report = try model.load(from: weights)
    self.model = model
  }

  /// Writes a classifier.
  ///
  /// - Parameters:
  ///   - layout: nil: the one that lets most programs open it.
  ///   - attune: The content of `attune.json`.
  public static func write(
    _ model: TextClassifier, _ configuration: ClassifierConfiguration,
    layout: ClassifierLayout? = nil, attune: JSONValue, storage: WeightStorage = .float32,
    with writer: ModelFolderWriter
  ) throws {
    switch layout ?? configuration.layout {
    case .attune:
      try writer.write(configuration.attuneJSON, to: ModelFolder.configurationFile)
      try writer.write(model, storage: storage)
    case .bert:
      try writer.write(
        configuration.bertJSON(architecture: "BertForSequenceClassification"),
        to: ModelFolder.configurationFile)
      try writer.write(model, names: .bert, storage: storage)
    case .sentenceTransformers:
      try writer.write(
        configuration.bertJSON(architecture: "BertModel"), to: ModelFolder.configurationFile)
      try SentenceTransformersFolder.write(model, configuration, storage: storage, with: writer)
    }
    try writer.write(attune, to: ModelFolder.attuneFile)
  }
}

extension JSONField {
  fileprivate func requireClassifier() throws(JSONFieldError) {
    let architectures = try has("architectures") ? strings(at: "architectures") : []
    guard architectures.contains("BertForSequenceClassification") else {
      throw try field(at: "architectures").error(
        "found \(architectures), expected 'BertForSequenceClassification'. "
          + "To put a new head on this encoder: attune train classifier FILE.csv --from DIR --output NEW"
      )
    }
  }
}

extension ClassifierConfiguration {
  /// Refuses sizes that the weights cannot have, before memory is asked for them.
  func requirePlausible(_ weights: some TensorSource) throws {
    let stored = weights.tensors.reduce(0.0) { $0 + $1.shape.reduce(1.0) { $0 * Double($1) } }
    let layer = encoder.layer
    let wanted =
      Double(encoder.vocabularySize + encoder.maximumLength) * Double(layer.modelDimension)
      + Double(encoder.layerCount) * Double(layer.modelDimension)
      * (4 * Double(layer.modelDimension) + 2 * Double(layer.feedForwardDimension))
    guard wanted <= 4 * stored + 1e6 else {
      throw ImplausibleSizeError(path: weights.path, stored: stored, wanted: wanted)
    }
  }
}

/// A `config.json` that describes a far larger model than the weights hold.
public struct ImplausibleSizeError: AttuneError, Equatable {
  /// The file of the weights.
  public let path: String
  let stored: Double
  let wanted: Double

  /// The file is at fault.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    "\(path): holds \(stored.formattedCount) numbers, but config.json describes a model of "
      + "\(wanted.formattedCount). Check the sizes in config.json."
  }
}

extension Double {
  fileprivate var formattedCount: String {
    self < 1e15 ? "\(Int(self))" : "\(self)"
  }
}
