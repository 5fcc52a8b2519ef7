// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers

/// A model whose encoder learns on from new texts.
struct PretrainingOrigin {
  let name: String
  let configuration: EncoderConfiguration
  let tokenizer: PretrainingTokenizer
  /// Whether the folder holds a head for masked tokens.
  let hasHead: Bool
  private let folder: ModelFolder

  /// Opens a model folder, or the best model of a run.
  init(_ path: String) throws {
    folder = try ModelFolder(TrainingRun.bestModel(of: path))
    name = folder.path
    let source = try EncoderFolder(folder)
    configuration = source.configuration
    hasHead = source.head == .maskedTokens
    let tokenizer = try Tokenizer(contentsOf: folder.encoderPath)
    self.tokenizer = try PretrainingTokenizer(
      tokenizer, files: Tokenizer.files(in: folder.encoderPath), source: folder.encoderPath)
    try SettingError.require(
      tokenizer.vocabularySize <= configuration.vocabularySize, "--from",
      "\(name), whose tokenizer has \(tokenizer.vocabularySize) tokens",
      "a model with as many, not \(configuration.vocabularySize)")
  }

  /// Throws when the user asks for another model than it is.
  func check(_ asked: PretrainingSettings) throws(SettingError) {
    let sizes: [(String, Any?)] = [
      ("--recipe", asked.recipe?.rawValue), ("--layers", asked.layers),
      ("--dimension", asked.dimension), ("--heads", asked.heads),
      ("--feed-forward", asked.feedForwardDimension), ("--vocabulary", asked.vocabularySize),
      ("--cased", asked.lowercases), ("--tokenizer", asked.tokenizer),
      ("--word-vectors", asked.wordVectors),
    ]
    for (name, value) in sizes {
      try SettingError.require(
        value == nil, name, value, "nothing beside --from, whose sizes and tokenizer stay")
    }
    try SettingError.require(
      asked.windowLength ?? 0 <= configuration.maximumLength, "--window", asked.windowLength,
      "\(configuration.maximumLength) at most, the positions of \(name)")
    try SettingError.require(
      asked.nextSentence != true || configuration.family.hasNextSentence, "--next-sentence",
      configuration.family.rawValue, "a model of the family bert")
  }

  /// The encoder with its own head for masked tokens, or with a new one.
  func model(readsNextSentence: Bool, key: RandomKey) throws -> MaskedLanguageModel {
    if hasHead {
      return try MaskedTokenFolder(folder, readsNextSentence: readsNextSentence).model
    }
    return MaskedLanguageModel(
      encoder: try EncoderFolder(folder).encoder().encoder,
      head: MaskedTokenHead(configuration, key: key))
  }
}

/// A tokenizer with the tokens that masked texts need.
struct PretrainingTokenizer {
  let tokenizer: Tokenizer
  /// Its files as they are, so that other programs see the very same one.
  let files: [Tokenizer.File]
  let maskID: Int32
  let classificationID: Int32
  let separatorID: Int32

  /// - Parameter source: The file or folder, for messages.
  init(_ tokenizer: Tokenizer, files: [Tokenizer.File], source: String) throws(SettingError) {
    func token(_ id: Int32?, _ what: String) throws(SettingError) -> Int32 {
      guard let id else {
        throw SettingError(
          setting: "tokenizer", found: "\(source), which has no \(what) token",
          expected: "a tokenizer for masked texts, as that of BERT")
      }
      return id
    }
    maskID = try token(tokenizer.maskID, "mask")
    classificationID = try token(tokenizer.classificationID, "classification")
    separatorID = try token(tokenizer.separatorID, "separator")
    try SettingError.require(
      tokenizer.specialTokenTable.contains(false), "tokenizer",
      "\(source), all of whose \(tokenizer.vocabularySize) tokens are special",
      "one with tokens that stand for text")
    (self.tokenizer, self.files) = (tokenizer, files)
  }

  /// The tokenizer of a file or folder.
  init(_ path: String) throws {
    let tokenizer = try Tokenizer(contentsOf: path)
    let own = try Tokenizer.files(in: path)
    try self.init(tokenizer, files: own.isEmpty ? tokenizer.files() : own, source: path)
  }
}
