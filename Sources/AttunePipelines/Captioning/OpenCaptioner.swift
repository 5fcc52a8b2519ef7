// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
public import AttuneFormats
public import AttuneModels
public import AttuneTokenizers

/// Everything that a captioner's folder holds: the model, the tokenizer of its texts, and how to use them.
public struct OpenCaptioner: Sendable {
  /// The sizes of the model, and the ids of its tokens.
  public let configuration: CaptionerConfiguration
  /// The model; its table can be larger than the vocabulary.
  public let model: VectorCaptioner
  /// That of the texts stands for both sides.
  public let tokenizers: TranslationTokenizers
  /// How the folder asks to be used.
  public let generation: GenerationDefaults
  /// `attune.json` of the folder.
  public let attune: JSONField?

  /// Cuts and joins captions.
  public var tokenizer: LanguageTokenizer { tokenizers.target }

  /// Opens a model folder, or the best model of a training run's folder.
  ///
  /// - Parameter packing: Whether the model is for inference alone, and how its weights are packed then.
  public init(contentsOf path: String, packing: WeightPacking = .none) throws {
    try self.init(ModelFolder(TrainingRun.bestModel(of: path)), packing: packing)
  }

  /// Opens a captioner's folder, on disk or in memory.
  public init(_ folder: ModelFolder, packing: WeightPacking = .none) throws {
    try self.init(
      CaptionerFolder(folder, packing: packing),
      try TranslationTokenizers(contentsOf: folder.files, sides: .target), source: folder.path)
  }

  /// Joins a model and its tokenizer; `source` names them in errors.
  public init(
    _ folder: CaptionerFolder, _ tokenizers: TranslationTokenizers, source: String
  ) throws {
    configuration = folder.configuration
    try tokenizers.require(
      configuration.tokens, entryCount: configuration.vocabularySize, source: source)
    (model, self.tokenizers) = (folder.model, tokenizers)
    (generation, attune) = (folder.generation, folder.attune)
  }

  /// Writes a captioner with its tokenizer.
  ///
  /// - Parameters:
  ///   - generation: nil: what suits any model.
  ///   - attune: The content of `attune.json`; nil: there is none.
  public static func write(
    _ model: VectorCaptioner, _ configuration: CaptionerConfiguration,
    _ tokenizers: TranslationTokenizers, generation: GenerationDefaults? = nil, attune: JSONValue?,
    storage: WeightStorage = .float32, with writer: ModelFolderWriter
  ) throws {
    try CaptionerFolder.write(
      model, configuration, generation: generation, attune: attune, storage: storage, with: writer)
    let files = try tokenizers.files(of: .target, maximumLength: configuration.maximumLength)
    for (name, bytes) in files { try writer.write(bytes, to: name) }
  }
}
