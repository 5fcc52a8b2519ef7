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
  ///
  /// - Parameter packing: Whether the model is for inference alone, and how its weights are packed then.
  public init(_ folder: ModelFolder, packing: WeightPacking = .none) throws {
    let json = try folder.configuration()
    attune = try folder.attune()
    var configuration: ClassifierConfiguration
    if try json.isOwnClassifier {
      layout = .attune
      configuration = try ClassifierConfiguration(attune: json)
      (model, report) = try Self.load(
        configuration, from: folder, names: .identity, packing)
    } else {
      let family = try EncoderFamily(
        modelTypeIn: json, or: [ClassifierConfiguration.ownModelType])
      if folder.has(EmbedderModules.file) {
        layout = .sentenceTransformers
        let modules = try SentenceTransformersFolder(folder, json, family)
        configuration = modules.configuration
        (model, report) = try modules.load(packing)
      } else {
        layout = .transformers
        try json.requireClassifier(of: family)
        configuration = try ClassifierConfiguration(family, json)
        (model, report) = try Self.load(
          configuration, from: folder, names: family.layout.names(for: .sequenceClassification),
          packing)
      }
    }
    if configuration.task == .singleLabel, try attune?.isOrdinal ?? false {
      configuration.task = .ordinal
    }
    self.configuration = configuration
  }

  private static func load(
    _ configuration: ClassifierConfiguration, from folder: ModelFolder, names: ParameterNameMap,
    _ packing: WeightPacking
  ) throws -> (TextClassifier, ParameterLoadingReport) {
    let weights = try folder.weights()
    try configuration.requirePlausible(weights)
    var model = TextClassifier(empty: configuration)
    let report = try model.load(from: weights, names: names, packing: packing)
    return (model, report)
  }

  /// Whether a folder's model has our own names, which Attune alone opens.
  public static func isOwnLayout(_ folder: ModelFolder) throws -> Bool {
    try folder.configuration().isOwnClassifier
  }

  /// Writes a classifier.
  ///
  /// - Parameters:
  ///   - layout: nil: the one that lets most programs open it.
  ///   - attune: The content of `attune.json`; that an ordinal classifier is one is added to it. The length of texts that it tells
  ///     is told to sentence-transformers, too.
  public static func write(
    _ model: TextClassifier, _ configuration: ClassifierConfiguration,
    layout: ClassifierLayout? = nil, attune: JSONValue, storage: WeightStorage = .float32,
    with writer: ModelFolderWriter
  ) throws {
    switch layout ?? configuration.layout {
    case .attune:
      try writer.write(configuration.attuneJSON(storage), to: ModelFolder.configurationFile)
      try writer.write(model, storage: storage)
    case .transformers:
      let head = ModelHead.sequenceClassification
      try writer.write(
        configuration.json(head: head, storage), to: ModelFolder.configurationFile)
      try writer.write(
        model, names: configuration.encoder.family.layout.names(for: head), storage: storage)
    case .sentenceTransformers:
      try writer.write(
        configuration.json(head: .none, storage), to: ModelFolder.configurationFile)
      try SentenceTransformersFolder.write(
        model, configuration, maximumLength: attune.maximumLength, storage: storage, with: writer)
    }
    try writer.write(
      attune.noting(isOrdinal: configuration.task == .ordinal), to: ModelFolder.attuneFile)
  }
}

extension JSONField {
  /// Whether the folder is in our own layout.
  var isOwnClassifier: Bool {
    get throws(JSONFieldError) {
      try string(at: "model_type") == ClassifierConfiguration.ownModelType
    }
  }

  fileprivate func requireClassifier(of family: EncoderFamily) throws(JSONFieldError) {
    let architectures = try has("architectures") ? strings(at: "architectures") : []
    let expected = family.architecture(with: .sequenceClassification)
    guard architectures.contains(expected) else {
      throw try field(at: "architectures").error(
        "found \(architectures), expected '\(expected)'. "
          + "To put a new head on this encoder: attune train classifier FILE.csv --from DIR --output NEW"
      )
    }
  }

  /// What `config.json` has no word for.
  fileprivate var isOrdinal: Bool {
    get throws(JSONFieldError) { try optionalBool(at: JSONValue.ordinalKey) ?? false }
  }
}

extension JSONValue {
  fileprivate static let ordinalKey = "ordinal"

  /// Most tokens of a text.
  fileprivate var maximumLength: Int? { objectValue?["maximum_length"]?.integerValue }

  fileprivate func noting(isOrdinal: Bool) -> JSONValue {
    guard isOrdinal, let members = objectValue?.members else { return self }
    let others = members.map { ($0.key, $0.value) }.filter { $0.0 != Self.ordinalKey }
    return .object(JSONObject(others + [(Self.ordinalKey, true)]))
  }
}

extension ClassifierConfiguration {
  /// Refuses sizes that the weights cannot have, before memory is asked for them.
  func requirePlausible(_ weights: some TensorSource) throws {
    try encoder.requirePlausible(weights, labelCount: labels.count)
  }
}
