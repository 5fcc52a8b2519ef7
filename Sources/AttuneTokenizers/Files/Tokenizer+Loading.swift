// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

extension Tokenizer {
  /// The files of a tokenizer in a model folder.
  enum FileName {
    static let tokenizer = "tokenizer.json"
    static let vocabulary = "vocab.txt"
    static let configuration = "tokenizer_config.json"
    static let specialTokens = "special_tokens_map.json"
    static let sentencePiece = ["spiece.model", "sentencepiece.bpe.model"]
  }

  /// Reads a tokenizer from a folder, or from a `tokenizer.json`, a `vocab.txt` or a `.model` or `.spm`
  /// of SentencePiece.
  ///
  /// In a folder `tokenizer.json` is preferred; `vocab.txt` is read as BERT's, with the settings of
  /// `tokenizer_config.json` beside it, and a SentencePiece model as that file's class does. Throws a `FileError`, `JSONError`, `JSONFieldError` or
  /// `TokenizerError`.
  public init(contentsOf path: String) throws {
    let (folder, file): (String, String)
    if FileSystem.isFolder(path) {
      let expected = [FileName.tokenizer, FileName.vocabulary] + FileName.sentencePiece
      folder = path
      guard let name = expected.first(where: { FileSystem.exists(FileSystem.join(path, $0)) })
      else { throw TokenizerError.noTokenizer(folder: path, expected: expected) }
      file = FileSystem.join(path, name)
    } else {
      (folder, file) = (FileSystem.parent(of: path), path)
    }
    let configuration = try Self.configuration(in: folder)
    let bytes = try InputFile.bytes(of: file, limit: TokenizerLimits.fileBytes)
    if file.hasSuffix(".txt") {
      try self.init(vocabularyText: bytes, source: file, configuration)
    } else if file.hasSuffix(".model") || file.hasSuffix(".spm") {
      try self.init(sentencePieceModel: bytes, source: file, configuration)
    } else {
      try self.init(tokenizerJSON: bytes, source: file, configuration)
    }
  }

  /// Reads the bytes of a `tokenizer.json`; `source` names them in errors.
  public init(tokenizerJSON bytes: [UInt8], source: String = "tokenizer.json") throws {
    try self.init(tokenizerJSON: bytes, source: source, TokenizerConfiguration())
  }

  init(
    tokenizerJSON bytes: [UInt8], source: String, _ configuration: TokenizerConfiguration
  ) throws {
    guard bytes.count <= TokenizerLimits.fileBytes else {
      throw TokenizerError.fileTooLarge(
        file: source, bytes: bytes.count, limit: TokenizerLimits.fileBytes)
    }
    let document = JSONField(try JSONValue(parsing: bytes, source: source), source: source)
    self = try TokenizerFile.read(document, configuration: configuration)
  }

  init(
    vocabularyText bytes: [UInt8], source: String, _ configuration: TokenizerConfiguration
  ) throws {
    let normalizer = BERTNormalizer(
      separatesIdeographs: configuration.separatesIdeographs,
      stripsAccents: configuration.stripsAccents, lowercases: configuration.lowercases)
    try self.init(
      wordPiece: try VocabularyFile.read(bytes, file: source), normalizer: normalizer,
      specialTokens: configuration.specialTokens, maximumLength: configuration.maximumLength,
      file: source)
  }

  /// Reads what the folder says about special tokens and settings; files that are missing say nothing.
  private static func configuration(in folder: String) throws -> TokenizerConfiguration {
    var configuration = TokenizerConfiguration()
    for name in [FileName.specialTokens, FileName.configuration] {
      let path = FileSystem.join(folder, name)
      guard FileSystem.exists(path) else { continue }
      try configuration.apply(try InputFile.json(of: path))
    }
    return configuration
  }
}
