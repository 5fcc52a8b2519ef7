// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

/// A BERT encoder with a pooling module and a linear head, in the layout of sentence-transformers.
struct SentenceTransformersFolder {
  private static let poolingFolder = "1_Pooling"
  private static let headFolder = "2_Dense"
  private static let moduleType = "sentence_transformers.models."

  private static let advice =
    "To put a head on an embedder: attune train classifier FILE.csv --from DIR --output NEW"

  let configuration: ClassifierConfiguration
  private let folder: ModelFolder
  private let headFolder: String

  init(_ folder: ModelFolder, _ json: JSONField, _ family: EncoderFamily) throws {
    self.folder = folder
    var poolingFolder: String?
    var headFolder: String?
    let modules = try folder.json(EmbedderModules.file)
    for module in try modules.fields() {
      let path = try module.string(at: "path")
      if !path.isEmpty { _ = try folder.path(ofUntrusted: path, from: module.field(at: "path")) }
      switch try module.string(at: "type").split(separator: ".").last {
      case "Transformer" where path == folder.encoderPlace: break
      case "Pooling" where headFolder == nil: poolingFolder = path
      case "Dense" where poolingFolder != nil && headFolder == nil: headFolder = path
      default:
        throw try module.field(at: "type").error(
          "expected a Transformer, a Pooling and a Dense module, in this order, of a classifier. "
            + Self.advice)
      }
    }
    guard let poolingFolder, let headFolder else {
      throw modules.error(
        "expected a Pooling and a Dense module; this folder has no classification head. "
          + Self.advice)
    }
    self.headFolder = headFolder
    let encoder = try family.layout.read(json)
    let labels = try json.labels()
    configuration = ClassifierConfiguration(
      encoder: encoder,
      pooling: try folder.json(FileSystem.join(poolingFolder, "config.json")).poolingKind(),
      hasPooler: false, headDropout: try encoder.headDropout(in: json), labels: labels,
      task: try json.task(labelCount: labels.count))
    try requireLinearHead(try folder.json(FileSystem.join(headFolder, "config.json")))
  }

  /// The pooling of any text embedder, whatever modules follow it.
  static func pooling(of folder: ModelFolder) throws -> PoolingKind {
    let modules = try folder.json(EmbedderModules.file)
    for module in try modules.fields()
    where try module.string(at: "type").split(separator: ".").last == "Pooling" {
      let path = try module.string(at: "path")
      _ = try folder.path(ofUntrusted: path, from: module.field(at: "path"))
      return try folder.json(FileSystem.join(path, "config.json")).poolingKind()
    }
    throw modules.error("found no Pooling module, expected one.")
  }

  private func requireLinearHead(_ json: JSONField) throws(JSONFieldError) {
    let activation = try json.string(at: "activation_function")
    guard activation.hasSuffix(".Identity") else {
      throw try json.field(at: "activation_function").error(
        "found '\(activation)', expected 'torch.nn.modules.linear.Identity'.")
    }
    let labels = try json.integer(at: "out_features")
    guard labels == configuration.labels.count else {
      throw try json.field(at: "out_features").error(
        "found \(labels), but config.json names \(configuration.labels.count) labels.")
    }
  }

  func load(_ packing: WeightPacking) throws -> (TextClassifier, ParameterLoadingReport) {
    let weights = try folder.weights()
    try configuration.requirePlausible(weights)
    var model = TextClassifier(empty: configuration)
    let report = try model.load(
      from: weights, names: configuration.encoder.family.layout.names(for: .none),
      packing: packing
    ) {
      $0.hasPrefix("head.")
    }
    try model.head.load(
      from: folder.weights(in: headFolder), names: Self.headNames, packing: packing)
    return (model, report)
  }

  private static let headNames = ParameterNameMap([.rename("classifier.{p}", "linear.{p}")])

  /// Writes encoder, pooling and head.
  ///
  /// - Parameter maximumLength: Most tokens of a text; nil: as many as there are positions.
  static func write(
    _ model: TextClassifier, _ configuration: ClassifierConfiguration, maximumLength: Int?,
    storage: WeightStorage, with writer: ModelFolderWriter
  ) throws {
    let dimension = configuration.encoder.layer.modelDimension
    // The head goes into a file of its own.
    let names = configuration.encoder.family.layout.names(for: .none).preceded(by: [
      .rename("head.{p...}", "head.{p...}")
    ])
    try writer.write(
      model.namedTensors(in: names).filter { !$0.name.hasPrefix("head.") }, storage: storage)
    try writer.write(
      .array(
        ["Transformer", "Pooling", "Dense"].enumerated().map { index, type in
          [
            "idx": .integer(index), "name": .string("\(index)"),
            "path": .string(["", poolingFolder, headFolder][index]),
            "type": .string(moduleType + type),
          ]
        }), to: EmbedderModules.file)
    // Longer texts are cut where training cut them, in Python, too.
    let longest = min(maximumLength ?? .max, configuration.encoder.maximumLength)
    try writer.write(
      ["max_seq_length": .integer(longest), "do_lower_case": false],
      to: "sentence_bert_config.json")
    try writer.write(
      PoolingKind.json(configuration.pooling, dimension: dimension),
      to: "\(poolingFolder)/config.json")
    try writer.write(
      [
        "in_features": .integer(dimension), "out_features": .integer(configuration.labels.count),
        "bias": true, "activation_function": "torch.nn.modules.linear.Identity",
      ], to: "\(headFolder)/config.json")
    try writer.write(
      model.head.namedTensors(in: headNames), storage: storage,
      to: FileSystem.join(headFolder, ModelFolder.weightsFile(storedAs: storage)))
  }
}

extension PoolingKind {
  private static let keys: [(PoolingKind, String)] = [
    (.first, "pooling_mode_cls_token"), (.mean, "pooling_mode_mean_tokens"),
    (.max, "pooling_mode_max_tokens"),
  ]

  fileprivate static func json(_ kind: PoolingKind, dimension: Int) -> JSONValue {
    .object(
      JSONObject(
        [("word_embedding_dimension", .integer(dimension))]
          + keys.map { ($0.1, .bool($0.0 == kind)) }))
  }
}

extension JSONField {
  fileprivate func poolingKind() throws(JSONFieldError) -> PoolingKind {
    let kinds = try poolingKinds()
    guard kinds.count == 1 else {
      throw error("found \(kinds.count) kinds of pooling, expected one.")
    }
    return kinds[0]
  }
}
