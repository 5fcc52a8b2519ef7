// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
public import AttuneFormats
public import AttuneModels
public import AttuneTokenizers

/// Everything that a translator's folder holds: the model, the tokenizers of both languages, and how to use them.
public struct OpenTranslator: Sendable {
  /// The sizes of the model, and the ids of its tokens.
  public let configuration: TranslatorConfiguration
  /// The model; its table can be larger than the vocabulary.
  public let model: TransformerTranslator
  /// Cut sources, and join targets again.
  public let tokenizers: TranslationTokenizers
  /// How the folder asks to be used.
  public let generation: GenerationDefaults
  /// How the folder is laid out.
  public let layout: TranslatorLayout
  /// `attune.json` of the folder; nil for models that others made.
  public let attune: JSONField?

  /// Most tokens of a source that the model reads, the end included.
  public var maximumSourceLength: Int {
    min(configuration.maximumLength, tokenizers.maximumLength ?? .max)
  }

  /// Opens a model folder, or the best model of a training run's folder.
  ///
  /// - Parameter packing: Whether the model is for inference alone, and how its weights are packed then.
  public init(contentsOf path: String, packing: WeightPacking = .none) throws {
    try self.init(ModelFolder(TrainingRun.bestModel(of: path)), packing: packing)
  }

  /// Opens a translator's folder, on disk or in memory.
  public init(_ folder: ModelFolder, packing: WeightPacking = .none) throws {
    try self.init(
      TranslatorFolder(folder, packing: packing),
      try TranslationTokenizers(contentsOf: folder.files), source: folder.path)
  }

  /// Joins a model and its tokenizers; `source` names them in errors.
  public init(
    _ folder: TranslatorFolder, _ tokenizers: TranslationTokenizers, source: String
  ) throws {
    configuration = folder.configuration
    try tokenizers.require(
      configuration.tokens, entryCount: configuration.vocabularySize, source: source)
    model = folder.model
    self.tokenizers = tokenizers
    generation = folder.generation
    layout = folder.layout
    attune = folder.attune
  }

  /// Writes a translator with its tokenizers.
  ///
  /// - Parameters:
  ///   - generation: nil: what suits any model.
  ///   - attune: The content of `attune.json`; nil: there is none.
  public static func write(
    _ model: TransformerTranslator, _ configuration: TranslatorConfiguration,
    _ tokenizers: TranslationTokenizers, generation: GenerationDefaults? = nil, attune: JSONValue?,
    storage: WeightStorage = .float32, with writer: ModelFolderWriter
  ) throws {
    try TranslatorFolder.write(
      model, configuration, generation: generation, attune: attune, storage: storage, with: writer)
    for (name, bytes) in try tokenizers.files(maximumLength: configuration.maximumLength) {
      try writer.write(bytes, to: name)
    }
  }
}

extension TranslationTokenizers {
  /// Throws unless a model knows all tokens, and the same ones by the same ids; `source` names the folder.
  func require(_ tokens: TranslatorTokens, entryCount: Int, source folder: String) throws {
    guard vocabulary.count <= entryCount else {
      throw VocabularyMismatchError(path: folder, tokens: vocabulary.count, entries: entryCount)
    }
    guard target.endID == tokens.end, source.padID == tokens.padding else {
      throw TranslatorTokensError(
        path: folder, end: tokens.end, padding: tokens.padding,
        found: (target.endID, source.padID))
    }
  }
}

/// A vocabulary that gives the end or the padding another id than `config.json`.
public struct TranslatorTokensError: AttuneError, Equatable {
  /// The folder.
  public let path: String
  private let end: (model: Int32, vocabulary: Int32)
  private let padding: (model: Int32, vocabulary: Int32)

  init(path: String, end: Int32, padding: Int32, found: (end: Int32, padding: Int32)) {
    self.path = path
    self.end = (end, found.end)
    self.padding = (padding, found.padding)
  }

  /// The folder is at fault.
  public var exitCode: ExitStatus { .data }

  /// The message for the user.
  public var description: String {
    "\(path): config.json says that the end is token \(end.model) and the padding \(padding.model), "
      + "but in vocab.json they are \(end.vocabulary) and \(padding.vocabulary). Expected the "
      + "vocabulary that the model was trained with."
  }

  /// Whether both say the same of the same folder.
  public static func == (left: Self, right: Self) -> Bool {
    left.path == right.path && left.end == right.end && left.padding == right.padding
  }
}
