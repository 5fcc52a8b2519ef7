// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
public import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

/// A model that turns texts into vectors, as read from a folder.
public struct EmbedderFolder: Sendable {
  /// What kind of folder it is.
  public enum Kind: Sendable, Hashable {
    /// Of sentence-transformers, with modules of its own.
    case sentenceTransformers
    /// A classifier: its pooled states are taken before the head.
    case classifier
    /// An encoder that says nothing of embeddings: its states are averaged.
    case encoder
  }

  /// What kind of folder it is.
  public let kind: Kind
  /// What determines the model's shape, and how texts are prepared.
  public let configuration: EmbedderConfiguration
  /// The model.
  public let model: TextEmbedder
  /// Where the tokenizer lies.
  public let tokenizerPath: String
  /// `attune.json`; nil in folders that others wrote.
  public let attune: JSONField?
  /// What the file holds and is not used, and what is odd about it.
  public let report: ParameterLoadingReport

  /// Reads an embedder, or what can be made one.
  ///
  /// - Parameter packing: Whether the model is for inference alone, and how its weights are packed then.
  public init(_ path: String, packing: WeightPacking = .none) throws {
    let folder = try ModelFolder(path)
    if folder.has(EmbedderModules.file) {
      try self.init(modulesOf: folder, packing)
    } else {
      try self.init(encoder: folder, packing)
    }
  }

  /// Where the tokenizer of a folder lies.
  public static func tokenizerPath(of path: String) throws -> String {
    try ModelFolder(path).encoderPath
  }

  private init(modulesOf folder: ModelFolder, _ packing: WeightPacking) throws {
    attune = try folder.attune()
    let modules = try EmbedderModules(in: folder)
    let encoder = try EncoderFolder(modules.encoder)
    var configuration = EmbedderConfiguration(
      encoder: encoder.configuration, poolings: try modules.pooling.poolingKinds(),
      normalizes: modules.normalizes)
    configuration.includesPrompt = try modules.pooling.optionalBool(at: "include_prompt") ?? true
    try configuration.readWindow(of: modules.encoder)
    try configuration.readPrompts(of: folder)
    // The last map of a classifier gives its labels.
    let isClassifier = try attune?.optionalString(at: "task") == Self.classifierTask
    kind = isClassifier ? .classifier : .sentenceTransformers
    if isClassifier { configuration.normalizes = true }
    let denses = try Self.denses(
      isClassifier ? modules.denses.dropLast() : modules.denses[...], of: folder, &configuration,
      packing)
    let read = try encoder.encoder(packing: packing)
    report = read.report
    model = TextEmbedder(
      encoder: read.encoder, poolings: configuration.poolingModules, denses: denses,
      normalizes: configuration.normalizes)
    tokenizerPath = modules.encoder.path
    self.configuration = configuration
  }

  /// What `attune.json` says of a classifier.
  private static let classifierTask = "text-classification"

  private init(encoder folder: ModelFolder, _ packing: WeightPacking) throws {
    attune = try folder.attune()
    tokenizerPath = folder.path
    if try folder.configuration().isOwnClassifier {
      let classifier = try ClassifierFolder(folder, packing: packing)
      kind = .classifier
      configuration = EmbedderConfiguration(
        encoder: classifier.configuration.encoder, poolings: [classifier.configuration.pooling])
      model = TextEmbedder(
        encoder: classifier.model.encoder, poolings: [classifier.model.pooling], denses: [],
        normalizes: true)
      report = classifier.report
    } else {
      let encoder = try EncoderFolder(folder)
      let isClassifier = encoder.head == .sequenceClassification
      kind = isClassifier ? .classifier : .encoder
      configuration = EmbedderConfiguration(
        encoder: encoder.configuration, poolings: [isClassifier ? .first : .mean])
      let read = try encoder.encoder(packing: packing)
      model = TextEmbedder(
        encoder: read.encoder, poolings: configuration.poolingModules, denses: [],
        normalizes: true)
      report = read.report
    }
  }

  private static func denses(
    _ paths: ArraySlice<String>, of folder: ModelFolder,
    _ configuration: inout EmbedderConfiguration, _ packing: WeightPacking
  ) throws -> [EmbedderDense] {
    var denses: [EmbedderDense] = []
    for path in paths {
      let json = try folder.json(FileSystem.join(path, ModelFolder.configurationFile))
      let dense = try json.dense()
      guard dense.inputDimension == configuration.dimension else {
        throw try json.field(at: "in_features").error(
          "found \(dense.inputDimension), but what comes before gives \(configuration.dimension).")
      }
      let weights = try folder.weights(in: path)
      let shape = weights.tensors.first { $0.name == "linear.weight" }?.shape
      guard shape == [dense.outputDimension, dense.inputDimension] else {
        throw try json.field(at: "out_features").error(
          "expected linear.weight with the shape [\(dense.outputDimension), "
            + "\(dense.inputDimension)] in \(weights.path), found \(shape.map { "\($0)" } ?? "none")."
        )
      }
      var module = EmbedderDense(dense, key: .blank)
      try module.load(from: weights, packing: packing)
      denses.append(module)
      configuration.denses.append(dense)
    }
    return denses
  }
}

extension EmbedderConfiguration {
  /// The poolings that need no parameters.
  fileprivate var poolingModules: [Pooling] {
    poolings.map { Pooling($0, dimension: encoder.layer.modelDimension, key: .blank) }
  }

  /// Names of the file about the window, by the family that it was first written for.
  static let windowFiles = [
    "sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json",
    "sentence_camembert_config.json", "sentence_albert_config.json",
    "sentence_xlm-roberta_config.json", "sentence_xlnet_config.json",
  ]

  /// Reads how long texts may be and whether they become lowercase.
  fileprivate mutating func readWindow(of folder: ModelFolder) throws {
    guard let name = Self.windowFiles.first(where: folder.has) else { return }
    let json = try folder.json(name)
    if try json.has("max_seq_length") {
      maximumLength = try json.integer(at: "max_seq_length", in: 1...(.max))
    }
    lowercases = try json.optionalBool(at: "do_lower_case") ?? false
  }

  static let promptFile = "config_sentence_transformers.json"

  /// Reads prompts and the way of comparing.
  fileprivate mutating func readPrompts(of folder: ModelFolder) throws {
    guard let json = try folder.optionalJSON(Self.promptFile) else { return }
    if try json.has("prompts") {
      for (name, field) in try json.members(at: "prompts") {
        prompts.append(Prompt(name: name, text: try field.string()))
      }
    }
    similarity =
      try json.optionalChoice(at: "similarity_fn_name", of: EmbeddingSimilarity.self) ?? .cosine
    guard let name = try json.optionalString(at: "default_prompt_name") else { return }
    guard prompts.contains(where: { $0.name == name }) else {
      throw try json.field(at: "default_prompt_name").error(
        "found '\(name)', expected one of the prompts: "
          + "\(prompts.map(\.name).joined(separator: ", ")).")
    }
    defaultPromptName = name
  }
}
