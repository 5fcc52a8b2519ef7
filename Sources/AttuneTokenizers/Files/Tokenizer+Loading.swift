// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

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
    let (folder, file) = try Self.file(at: path)
    let configuration = try Self.configuration(in: folder)
    let bytes = try InputFile.bytes(of: file, limit: TokenizerLimits.fileBytes)
    if FileSystem.name(of: file) == FileName.vocabularyObject {
      let mergesFile = FileSystem.join(folder, FileName.merges)
      try self.init(
        vocabularyJSON: JSONField(try JSONValue(parsing: bytes, source: file), source: file),
        merges: try InputFile.bytes(of: mergesFile, limit: TokenizerLimits.fileBytes),
        mergesFile: mergesFile, configuration)
    } else if file.hasSuffix(".txt") {
      try self.init(vocabularyText: bytes, source: file, configuration)
    } else if file.hasSuffix(".model") || file.hasSuffix(".spm") {
      try self.init(sentencePieceModel: bytes, source: file, configuration)
    } else {
      try self.init(tokenizerJSON: bytes, source: file, configuration)
    }
  }

  /// Returns the file that a path leads to, and its folder.
  private static func file(at path: String) throws -> (folder: String, file: String) {
    guard FileSystem.isFolder(path) else { return (FileSystem.parent(of: path), path) }
    let expected =
      [FileName.tokenizer, FileName.vocabulary, FileName.vocabularyObject] + FileName.sentencePiece
    guard let name = expected.first(where: { FileSystem.exists(FileSystem.join(path, $0)) })
    else { throw TokenizerError.noTokenizer(folder: path, expected: expected) }
    return (path, FileSystem.join(path, name))
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
