// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
public import AttuneFormats
internal import AttuneLayers
internal import AttuneTensors

/// A translator as read from a folder; its tokenizers are `TranslationTokenizers`.
public struct TranslatorFolder: Sendable {
  /// What determines the model's shape, and the ids of its tokens.
  public let configuration: TranslatorConfiguration
  /// The model.
  public let model: TransformerTranslator
  /// How the folder asks to be used.
  public let generation: GenerationDefaults
  /// How the folder is laid out.
  public let layout: TranslatorLayout
  /// `attune.json`; nil in folders that others wrote.
  public let attune: JSONField?
  /// What the file holds and is not used, and what is odd about it.
  public let report: ParameterLoadingReport

  /// Reads a translator; everything is checked before anything is returned.
  ///
  /// - Parameter packing: Whether the model is for inference alone, and how its weights are packed then.
  public init(_ folder: ModelFolder, packing: WeightPacking = .none) throws {
    try self.init(
      configuration: try folder.configuration(),
      generation: try folder.optionalJSON(GenerationDefaults.file),
      attune: try folder.attune(), weights: try folder.weights(), packing: packing)
  }

  /// Reads a translator from the files of its folder.
  public init(
    configuration json: JSONField, generation: JSONField?, attune: JSONField?,
    weights: some TensorSource, packing: WeightPacking = .none
  ) throws {
    layout = try TranslatorLayout(modelTypeIn: json)
    configuration = try TranslatorConfiguration(json)
    self.generation = try GenerationDefaults(
      generation, json, configuration.tokens, vocabularySize: configuration.vocabularySize,
      longest: configuration.maximumLength)
    self.attune = attune
    try configuration.requirePlausible(weights)
    var model = TransformerTranslator(configuration, key: .blank)
    report = try model.load(
      from: FlatBias(weights), names: .marian(in: weights), packing: packing,
      keepsInitial: { $0 == "outputBias" })
    self.model = model
  }

  /// Whether a folder's `config.json` describes a translator.
  public static func recognizes(_ json: JSONField) -> Bool {
    (try? TranslatorLayout(modelTypeIn: json)) != nil
  }

  /// The numbers of a translator as its folder names and shapes them.
  public static func storedTensors(of model: TransformerTranslator) throws -> [NamedTensor] {
    try model.namedTensors(in: .marian).map { name, tensor in
      (name, OutputBiasFile.stored(tensor, name))
    }
  }

  /// Writes a translator; its tokenizers are written beside it.
  ///
  /// - Parameters:
  ///   - layout: nil: Marian's where it fits.
  ///   - attune: The content of `attune.json`; nil: there is none.
  public static func write(
    _ model: TransformerTranslator, _ configuration: TranslatorConfiguration,
    generation: GenerationDefaults? = nil, layout: TranslatorLayout? = nil, attune: JSONValue?,
    storage: WeightStorage = .float32, with writer: ModelFolderWriter
  ) throws {
    let layout = layout ?? configuration.layout
    try writer.write(configuration.json(layout, storage), to: ModelFolder.configurationFile)
    let generation = generation ?? GenerationDefaults(configuration)
    try writer.write(generation.json(configuration.tokens), to: GenerationDefaults.file)
    try writer.write(Self.storedTensors(of: model), storage: storage)
    if let attune { try writer.write(attune, to: ModelFolder.attuneFile) }
  }
}

extension TranslatorConfiguration {
  /// The layout that lets most programs open the model.
  public var layout: TranslatorLayout { fitsMarian ? .marian : .attune }

  /// Refuses sizes that the weights cannot have, before memory is asked for them.
  fileprivate func requirePlausible(_ weights: some TensorSource) throws {
    try ImplausibleSizeError.check(
      weights,
      wanted: Double(vocabularySize) * Double(encoder.modelDimension)
        + encoder.size(layerCount: encoderLayerCount, attentions: 1)
        + decoder.size(layerCount: decoderLayerCount, attentions: 2),
      layerCount: encoderLayerCount + decoderLayerCount)
  }
}

extension ImplausibleSizeError {
  /// Throws when a file cannot hold a model that is to have so many numbers, or so many layers.
  static func check(_ weights: some TensorSource, wanted: Double, layerCount: Int) throws {
    let stored = weights.tensors.reduce(0.0) { $0 + $1.shape.reduce(1.0) { $0 * Double($1) } }
    guard wanted <= 4 * stored + 1e6, layerCount <= max(weights.tensors.count, 1) else {
      throw ImplausibleSizeError(path: weights.path, stored: stored, wanted: wanted)
    }
  }
}

extension TransformerLayerSettings {
  /// About how many numbers such layers have, with so many attentions in each.
  func size(layerCount: Int, attentions: Double) -> Double {
    let dimension = Double(modelDimension)
    return Double(layerCount) * dimension
      * (attentions * 4 * dimension + 2 * Double(feedForwardDimension))
  }
}

extension GenerationDefaults {
  /// What suits a model that says nothing.
  public init(_ configuration: TranslatorConfiguration) {
    self.init(
      forbidden: [configuration.tokens.padding], maximumLength: configuration.maximumLength,
      beamWidth: 5)
  }
}
