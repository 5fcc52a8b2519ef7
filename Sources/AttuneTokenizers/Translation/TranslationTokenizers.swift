// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// The tokenizers of a translator's two languages, in the files of Marian: `source.spm`, `target.spm`, and `vocab.json`
/// with the ids that both share.
public struct TranslationTokenizers: Sendable {
  /// Cuts what is read.
  public let source: LanguageTokenizer
  /// Cuts what is written, and joins it again.
  public let target: LanguageTokenizer
  /// The longest encoding that the files ask for.
  public let maximumLength: Int?
  private let names: Names

  /// The tokens with a part to play.
  struct Names: Sendable, Equatable {
    var end = "</s>"
    var unknown = "<unk>"
    var padding = "<pad>"
  }

  /// The files in a model folder.
  enum FileName {
    static let source = "source.spm"
    static let target = "target.spm"
    static let vocabulary = "vocab.json"
    static let targetVocabulary = "target_vocab.json"
    static let configuration = "tokenizer_config.json"
    static let specialTokens = "special_tokens_map.json"
  }

  /// The tokens of both languages with their ids.
  public var vocabulary: Vocabulary { source.vocabulary }

  /// Which tokenizers a folder holds.
  public enum Sides: Sendable, Hashable {
    /// That of what is read and that of what is written.
    case both
    /// That of what is written, which stands for both: there are no texts to read.
    case target
  }

  /// Reads the tokenizers of a folder.
  ///
  /// Throws a `FileError`, `JSONError`, `JSONFieldError`, `ProtobufError` or `TokenizerError`.
  public init(contentsOf folder: String, sides: Sides = .both) throws {
    try self.init(contentsOf: FileFolder(folder), sides: sides)
  }

  /// Reads the tokenizers of a folder on disk or in memory, as of one on disk.
  public init(contentsOf folder: FileFolder, sides: Sides = .both) throws {
    let sourceName = sides == .both ? FileName.source : FileName.target
    let needed =
      (sides == .both ? [FileName.source] : []) + [FileName.target, FileName.vocabulary]
    let missing = needed.filter { !folder.has($0) }
    guard missing.isEmpty else {
      throw TokenizerError.incomplete(folder: folder.path, missing: missing)
    }
    func bytes(_ name: String) throws -> [UInt8] {
      try folder.bytes(of: name, limit: TokenizerLimits.fileBytes)
    }
    var (names, length) = (Names(), Int?.none)
    for name in [FileName.specialTokens, FileName.configuration] where folder.has(name) {
      try Self.apply(try folder.json(name), to: &names, &length)
    }
    let path = folder.path(of: FileName.vocabulary)
    let json = JSONField(
      try JSONValue(parsing: try bytes(FileName.vocabulary), source: path), source: path)
    try self.init(
      source: try bytes(sourceName), sourceName: sourceName, target: try bytes(FileName.target),
      vocabulary: try TokenizerFile.vocabulary(json, added: []), names: names,
      maximumLength: length, folder: folder.path)
  }

  private init(
    source: [UInt8], sourceName: String, target: [UInt8], vocabulary: Vocabulary, names: Names,
    maximumLength: Int?,
    folder: String
  ) throws {
    self.source = try LanguageTokenizer(
      model: source, vocabulary: vocabulary, names: names,
      file: FileSystem.join(folder, sourceName))
    self.target =
      target == source
      ? self.source
      : try LanguageTokenizer(
        model: target, vocabulary: vocabulary, names: names,
        file: FileSystem.join(folder, FileName.target))
    (self.names, self.maximumLength) = (names, maximumLength)
  }

  /// Makes the tokenizers of one SentencePiece model for both languages; ids are as Marian numbers them: the end, the
  /// unknown token, the pieces, the padding.
  public init(jointModel bytes: [UInt8], maximumLength: Int? = nil) throws {
    let model = try SentencePieceModel(bytes, file: FileName.source)
    let names = Names()
    var tokens = Vocabulary([names.end, names.unknown])
    for (id, kind) in zip(model.pieces.indices, model.kinds)
    where ![.unknown, .control].contains(kind) {
      _ = model.pieces[id].withUnsafeBufferPointer { tokens.insert($0) }
    }
    var padding = names.padding
    _ = padding.withUTF8 { tokens.insert($0) }
    try self.init(
      source: bytes, sourceName: FileName.source, target: bytes, vocabulary: tokens, names: names,
      maximumLength: maximumLength, folder: "")
  }

  private static func apply(
    _ document: JSONField, to names: inout Names, _ length: inout Int?
  ) throws(JSONFieldError) {
    if try document.optionalBool(at: "separate_vocabs") ?? false {
      throw try document.field(at: "separate_vocabs").error(
        "found true: a vocabulary for each language is not supported, expected one for both.")
    }
    func read(_ key: String, _ path: WritableKeyPath<Names, String>) throws(JSONFieldError) {
      if case .object? = try document.field(at: key).value {
        names[keyPath: path] = try document.string(at: key, "content")
      } else if let name = try document.optionalString(at: key) {
        names[keyPath: path] = name
      }
    }
    try read("eos_token", \.end)
    try read("unk_token", \.unknown)
    try read("pad_token", \.padding)
    // Without a limit the file holds 10^30, which is no length.
    if case .integer(let found)? = try document.field(at: "model_max_length").value {
      _ = try document.integer(at: "model_max_length", in: 1...(.max))
      length = found <= Int(Int32.max) ? found : nil
    }
  }

  /// Returns the names and bytes of the files that loading reads back, and that `MarianTokenizer` opens.
  ///
  /// - Parameters:
  ///   - sides: Whose files; those of the target alone `MarianTokenizer` does not open.
  ///   - maximumLength: Becomes `model_max_length`; nil keeps the tokenizers' own.
  public func files(
    of sides: Sides = .both, maximumLength: Int? = nil
  ) throws -> [(name: String, bytes: [UInt8])] {
    let special: [(String, JSONValue)] = [
      ("eos_token", .string(names.end)), ("unk_token", .string(names.unknown)),
      ("pad_token", .string(names.padding)),
    ]
    let configuration: [(String, JSONValue)] =
      special + [
        (
          "model_max_length",
          (maximumLength ?? self.maximumLength).map { .integer($0) } ?? .number(1e30)
        ),
        ("separate_vocabs", false), ("source_lang", .null), ("target_lang", .null),
        ("sp_model_kwargs", [:]), ("tokenizer_class", "MarianTokenizer"),
      ]
    return (sides == .both ? [(FileName.source, source.modelBytes)] : []) + [
      (FileName.target, target.modelBytes),
      (FileName.vocabulary, try TokenizerFile.write(vocabulary).serialized(.pretty)),
      (FileName.configuration, try JSONValue.object(JSONObject(configuration)).serialized(.pretty)),
      (FileName.specialTokens, try JSONValue.object(JSONObject(special)).serialized(.pretty)),
    ]
  }
}
