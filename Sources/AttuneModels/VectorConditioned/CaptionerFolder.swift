// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
public import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

/// A captioner as read from a folder; its tokenizer is a `LanguageTokenizer`.
public struct CaptionerFolder: Sendable {
  /// What determines the model's shape, and the ids of its tokens.
  public let configuration: CaptionerConfiguration
  /// The model.
  public let model: VectorCaptioner
  /// How the folder asks to be used.
  public let generation: GenerationDefaults
  /// `attune.json`.
  public let attune: JSONField?
  /// What is odd about the file.
  public let report: ParameterLoadingReport

  /// Reads a captioner; everything is checked before anything is returned.
  ///
  /// - Parameter packing: Whether the model is for inference alone, and how its weights are packed then.
  public init(_ folder: ModelFolder, packing: WeightPacking = .none) throws {
    try self.init(
      configuration: try folder.configuration(),
      generation: try folder.optionalJSON(GenerationDefaults.file),
      attune: try folder.attune(), weights: try folder.weights(), packing: packing)
  }

  /// Reads a captioner from the files of its folder.
  public init(
    configuration json: JSONField, generation: JSONField?, attune: JSONField?,
    weights: some TensorSource, packing: WeightPacking = .none
  ) throws {
    configuration = try CaptionerConfiguration(json)
    self.generation = try GenerationDefaults(
      generation, json, configuration.tokens, vocabularySize: configuration.vocabularySize,
      longest: configuration.maximumLength)
    self.attune = attune
    try configuration.requirePlausible(weights)
    var model = VectorCaptioner(configuration, key: .blank)
    report = try model.load(from: FlatBias(weights), names: .captioner, packing: packing)
    if let deviation = model.encoder.standardization?.deviation.values,
      let column = deviation.firstIndex(where: { $0 < VectorStandardization.least })
    {
      throw VectorDeviationError(path: weights.path, column: column, found: deviation[column])
    }
    self.model = model
  }

  /// Whether a folder's `config.json` describes a captioner.
  public static func recognizes(_ json: JSONField) -> Bool {
    (try? json.string(at: "model_type")) == CaptionerConfiguration.modelType
  }

  /// The numbers of a captioner as its folder names and shapes them.
  public static func storedTensors(of model: VectorCaptioner) throws -> [NamedTensor] {
    try model.namedTensors(in: .captioner).map { name, tensor in
      (name, OutputBiasFile.stored(tensor, name))
    }
  }

  /// The tensors that stay Float32 in any storage: rounding the mean of a column by more than its deviation would leave nothing
  /// of the column.
  public static let wholeTensors: Set<String> = ["model.vectors.mean", "model.vectors.deviation"]

  /// Writes a captioner; its tokenizer is written beside it.
  ///
  /// - Parameter attune: The content of `attune.json`; nil: there is none.
  public static func write(
    _ model: VectorCaptioner, _ configuration: CaptionerConfiguration,
    generation: GenerationDefaults? = nil, attune: JSONValue?, storage: WeightStorage = .float32,
    with writer: ModelFolderWriter
  ) throws {
    try writer.write(configuration.json(storage), to: ModelFolder.configurationFile)
    let generation = generation ?? GenerationDefaults(configuration)
    try writer.write(generation.json(configuration.tokens), to: GenerationDefaults.file)
    try writer.write(storedTensors(of: model), storage: storage, keepingWhole: wholeTensors)
    if let attune { try writer.write(attune, to: ModelFolder.attuneFile) }
  }
}

extension ParameterNameMap {
  /// The names in files of captioners: those of Marian's decoder, and of Marian's layers for the transformer before it.
  static let captioner = ParameterNameMap(
    [
      .rename("table.weight", sharedTable), .rename("outputBias", OutputBiasFile.name),
      .rename("encoder.standardization.{p}", "model.vectors.{p}"),
      .rename("encoder.projection.{p}", "model.vectors.projection.{p}"),
      .rename("encoder.norm.{p}", "model.vectors.layer_norm.{p}"),
      .rename("encoder.mapping.constants", "model.mapping.constants"),
    ]
      + marianLayers(of: "encoder.mapping", at: "model.mapping", attendsToMemory: false)
      + marianLayers(of: "decoder", at: "model.decoder", attendsToMemory: true))
}

extension CaptionerConfiguration {
  /// Refuses sizes that the weights cannot have, before memory is asked for them.
  fileprivate func requirePlausible(_ weights: some TensorSource) throws {
    let width = Double(decoder.modelDimension)
    var wanted = Double(vocabularySize) * width
    wanted += Double(vectors.positionsPerVector) * width * Double(vectors.dimension)
    wanted += decoder.size(layerCount: decoderLayerCount, attentions: 2)
    if let mapping = vectors.mapping {
      wanted += Double(mapping.constantCount) * width
      wanted += mapping.layer(for: decoder).size(layerCount: mapping.layerCount, attentions: 1)
    }
    try ImplausibleSizeError.check(
      weights, wanted: wanted,
      layerCount: decoderLayerCount + (vectors.mapping?.layerCount ?? 0))
  }
}

extension GenerationDefaults {
  /// What suits a captioner that says nothing.
  public init(_ configuration: CaptionerConfiguration) {
    self.init(
      forbidden: [configuration.tokens.padding], maximumLength: configuration.maximumLength,
      beamWidth: 5)
  }
}

/// A deviation that no vectors have.
public struct VectorDeviationError: AttuneError, Equatable {
  /// The file of the weights.
  public let path: String
  /// From 0.
  public let column: Int
  /// What stands there.
  public let found: Float

  /// The file is at fault.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    "\(path): model.vectors.deviation: number \(column) is \(found), expected the deviation of a "
      + "column, at least \(VectorStandardization.least)."
  }
}
