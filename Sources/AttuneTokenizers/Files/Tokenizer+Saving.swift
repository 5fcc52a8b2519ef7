// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

extension Tokenizer {
  /// Writes the files that `transformers` opens, and that loading reads back.
  ///
  /// A tokenizer of BERT opens as a `BertTokenizer`, any other as it is. `maximumLength` becomes `model_max_length`; nil keeps the tokenizer's own. The folder is made if
  /// it is missing; files of these names are replaced.
  public func save(to folder: String, maximumLength: Int? = nil) throws {
    for (name, bytes) in try files(maximumLength: maximumLength) {
      try AtomicFile.write(bytes, to: FileSystem.join(folder, name), parents: .created)
    }
  }

  /// A file's name and content.
  public typealias File = (name: String, bytes: [UInt8])

  /// Returns the names and bytes of the files of a tokenizer in a folder, byte for byte.
  public static func files(in folder: String) throws -> [File] {
    let known =
      [FileName.tokenizer, FileName.vocabulary, FileName.vocabularyObject, FileName.merges]
      + FileName.sentencePiece + [
        FileName.configuration, FileName.specialTokens, FileName.addedTokens,
      ]
    return try known.compactMap { name in
      let path = FileSystem.join(folder, name)
      guard FileSystem.exists(path) else { return nil }
      return (name, try InputFile.bytes(of: path, limit: TokenizerLimits.fileBytes))
    }
  }

  /// Returns the names and bytes of the files that `save` writes, for whoever writes a whole folder.
  public func files(maximumLength: Int? = nil) throws -> [File] {
    let document = TokenizerFile.write(self, maximumLength: maximumLength ?? self.maximumLength)
    var configuration = configurationDocument
    configuration["model_max_length"] =
      (maximumLength ?? self.maximumLength).map { .integer($0) } ?? .number(1e30)
    var vocabulary: [File] = []
    if case .wordPiece(let wordPiece) = model {
      vocabulary = [(FileName.vocabulary, try VocabularyFile.write(wordPiece.vocabulary))]
    }
    return [(FileName.tokenizer, try document.serialized(.pretty))] + vocabulary + [
      (FileName.configuration, try JSONValue.object(configuration).serialized(.pretty)),
      (FileName.specialTokens, try JSONValue.object(specialTokensDocument).serialized(.pretty)),
    ]
  }

  private var configurationDocument: JSONObject {
    let name: JSONValue = isOfBERT ? "BertTokenizer" : "PreTrainedTokenizerFast"
    var document = JSONObject([("tokenizer_class", name), ("backend", "tokenizers")])
    if case .bert(let bert)? = normalizer {
      document["do_lower_case"] = .bool(bert.lowercases)
      document["strip_accents"] = bert.stripsAccents.map { .bool($0) } ?? .null
      document["tokenize_chinese_chars"] = .bool(bert.separatesIdeographs)
    }
    for (key, value) in specialTokensDocument.members.map({ ($0.key, $0.value) }) {
      document[key] = value
    }
    return document
  }

  /// Whether `transformers` makes the same tokenizer of the vocabulary alone.
  var isOfBERT: Bool {
    guard case .wordPiece = model, case .bert? = normalizer, preTokenizer == .bert,
      case .template(let template)? = postProcessor,
      let classificationID, let separatorID
    else { return false }
    return template
      == TemplatePostProcessor(classificationID: classificationID, separatorID: separatorID)
  }

  private var specialTokensDocument: JSONObject {
    JSONObject(
      SpecialTokens.parts.compactMap { key, path in
        specialTokens[keyPath: path].map { (key, .string($0)) }
      })
  }
}
