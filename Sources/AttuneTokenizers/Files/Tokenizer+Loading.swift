// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

extension Tokenizer {
  /// The files of a tokenizer in a model folder.
  enum FileName {
    static let tokenizer = "tokenizer.json"
    static let vocabulary = "vocab.txt"
    static let vocabularyObject = "vocab.json"
    static let merges = "merges.txt"
    static let configuration = "tokenizer_config.json"
    static let specialTokens = "special_tokens_map.json"
    static let addedTokens = "added_tokens.json"
    static let sentencePiece = ["spiece.model", "sentencepiece.bpe.model"]
  }

  /// Reads a tokenizer from a folder, or from a `tokenizer.json`, `vocab.txt`, `vocab.json`, or a `.model` or `.spm` of
  /// SentencePiece.
  ///
  /// In a folder `tokenizer.json` is preferred; `vocab.txt` is read as that of BERT or MPNet, `vocab.json` with `merges.txt` as
  /// those of RoBERTa or GPT-2, and a SentencePiece model as the class that `tokenizer_config.json` names does, with the settings
  /// of that file. Throws a `FileError`, `JSONError`, `JSONFieldError` or `TokenizerError`.
  public init(contentsOf path: String) throws {
    if FileSystem.isFolder(path) {
      try self.init(contentsOf: FileFolder(path))
    } else {
      try self.init(
        InputFile.bytes(of: path, limit: TokenizerLimits.fileBytes), of: FileSystem.name(of: path),
        in: FileFolder(FileSystem.parent(of: path)), source: path)
    }
  }

  /// Reads a tokenizer from a folder on disk or in memory, as from one on disk.
  public init(contentsOf folder: FileFolder) throws {
    let expected =
      [FileName.tokenizer, FileName.vocabulary, FileName.vocabularyObject] + FileName.sentencePiece
    guard let name = expected.first(where: folder.has) else {
      throw TokenizerError.noTokenizer(folder: folder.path, expected: expected)
    }
    try self.init(
      folder.bytes(of: name, limit: TokenizerLimits.fileBytes), of: name, in: folder,
      source: folder.path(of: name))
  }

  private init(
    _ bytes: [UInt8], of name: String, in folder: FileFolder, source file: String
  ) throws {
    let configuration = try Self.configuration(in: folder)
    if name == FileName.vocabularyObject {
      try self.init(
        vocabularyJSON: JSONField(try JSONValue(parsing: bytes, source: file), source: file),
        merges: try folder.bytes(of: FileName.merges, limit: TokenizerLimits.fileBytes),
        mergesFile: folder.path(of: FileName.merges), configuration)
    } else if file.hasSuffix(".txt") {
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

  /// Reads what the folder says about special tokens and settings; files that are missing say nothing.
  private static func configuration(in folder: FileFolder) throws -> TokenizerConfiguration {
    var configuration = TokenizerConfiguration()
    for name in [FileName.specialTokens, FileName.configuration] where folder.has(name) {
      try configuration.apply(try folder.json(name))
    }
    return configuration
  }
}
