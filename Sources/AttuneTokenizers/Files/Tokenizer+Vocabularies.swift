// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

extension Tokenizer {
  /// Makes a tokenizer of BERT or MPNet from `vocab.txt`.
  init(
    vocabularyText bytes: [UInt8], source: String, _ configuration: TokenizerConfiguration
  ) throws {
    let vocabulary = try VocabularyFile.read(bytes, file: source)
    let normalizer = BERTNormalizer(
      separatesIdeographs: configuration.separatesIdeographs,
      stripsAccents: configuration.stripsAccents, lowercases: configuration.lowercases)
    try self.init(
      wordPiece: vocabulary, normalizer: normalizer,
      specialTokens: configuration.specialTokens { vocabulary.id(of: $0) != nil },
      maximumLength: configuration.maximumLength,
      isOfMPNet: configuration.className == "MPNetTokenizer",
      addedTokens: configuration.addedTokens, file: source)
  }

  /// Makes a tokenizer of RoBERTa or GPT-2 from `vocab.json` and `merges.txt`.
  init(
    vocabularyJSON document: JSONField, merges: [UInt8], mergesFile: String,
    _ configuration: TokenizerConfiguration
  ) throws {
    let vocabulary = try TokenizerFile.vocabulary(document, added: configuration.addedTokens)
    func id(_ name: String?) -> Int32? { name.flatMap { vocabulary.id(of: $0) } }
    let special = configuration.specialTokens { vocabulary.id(of: $0) != nil }
    var settings = BPE.Settings()
    settings.isByteLevel = true
    settings.unknownToken = special.unknown.flatMap { id($0) == nil ? nil : $0 }
    var parts = Parts(
      model: .bpe(
        BPE(
          vocabulary: vocabulary,
          merges: try MergesFile.read(merges, vocabulary, file: mergesFile), settings: settings)))
    parts.preTokenizer = .byteLevel(
      ByteLevelPreTokenizer(addsPrefixSpace: configuration.addsPrefixSpace))
    parts.decoder = .byteLevel
    let trimming = OffsetTrimming(
      isOn: configuration.trimsOffsets, addsPrefixSpace: configuration.addsPrefixSpace)
    if configuration.className != "GPT2Tokenizer",
      let classificationID = id(special.classification),
      let separatorID = id(special.separator)
    {
      parts.postProcessor = .roberta(
        RobertaPostProcessor(
          classificationID: classificationID, separatorID: separatorID, trimming: trimming))
    } else {
      parts.postProcessor = .byteLevel(trimming)
    }
    parts.addedTokens = Self.addedTokens(
      special, vocabulary, described: configuration.addedTokens, maskStripsLeft: true)
    try AddedTokensFile.check(parts.addedTokens, vocabulary, file: document.source)
    parts.specialTokens = special
    parts.maximumLength = configuration.maximumLength
    self.init(parts)
  }

  /// Returns the tokens that the files describe, and the special ones of the vocabulary beside them.
  static func addedTokens(
    _ special: SpecialTokens, _ vocabulary: Vocabulary, described: [AddedToken],
    maskStripsLeft: Bool
  ) -> [AddedToken] {
    var contents = Vocabulary(described.lazy.map(\.content))
    var tokens = described
    for (_, path) in SpecialTokens.parts {
      guard var name = special[keyPath: path], let id = vocabulary.id(of: name),
        name.withUTF8({ contents.insert($0).isNew })
      else { continue }
      tokens.append(
        AddedToken(id: id, content: name, stripsLeft: maskStripsLeft && path == \.mask))
    }
    return tokens
  }
}
