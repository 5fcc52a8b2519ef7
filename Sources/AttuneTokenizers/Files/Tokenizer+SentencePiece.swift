// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

extension Tokenizer {
  /// What `transformers` makes of a SentencePiece model for one family.
  private struct Family {
    /// The classes that are named in `tokenizer_config.json`.
    let classes: [String]
    /// Tokens with ids of their own before the pieces.
    var leading: [String] = []
    /// How many pieces at the start of the file those take the place of.
    var replacedCount = 0
    /// Tokens after the pieces.
    var trailing: [String] = []
    let special: SpecialTokens
    /// What stands around a text, nil for the text itself; around the second likewise.
    let single: [String?]
    let pair: [String?]

    static let all = [
      Family(
        classes: ["XLMRobertaTokenizer"], leading: ["<s>", "<pad>", "</s>", "<unk>"],
        replacedCount: 3, trailing: ["<mask>"], special: .roberta, single: ["<s>", nil, "</s>"],
        pair: ["<s>", nil, "</s>", "</s>", nil, "</s>"]),
      Family(
        classes: ["CamembertTokenizer"],
        leading: ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED"],
        replacedCount: 1, trailing: ["<mask>"], special: .roberta, single: ["<s>", nil, "</s>"],
        pair: ["<s>", nil, "</s>", "</s>", nil, "</s>"]),
      Family(
        classes: ["T5Tokenizer"], trailing: (0..<100).reversed().map { "<extra_id_\($0)>" },
        special: SpecialTokens(padding: "<pad>", unknown: "<unk>", separator: "</s>"),
        single: [nil, "</s>"], pair: [nil, "</s>", nil, "</s>"]),
    ]

    static func named(_ name: String) -> Family? {
      let name = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
      return all.first { $0.classes.contains(name) }
    }
  }

  /// Reads the bytes of a SentencePiece model.
  ///
  /// In a folder whose `tokenizer_config.json` names the class of XLM-R, CamemBERT or T5, the ids and the tokens
  /// around texts are those of that family; by itself a model has the ids of its pieces and nothing
  /// around texts.
  init(
    sentencePieceModel bytes: [UInt8], source: String, _ configuration: TokenizerConfiguration
  ) throws {
    let model = try SentencePieceModel(bytes, file: source)
    guard model.algorithm == .unigram else {
      throw TokenizerError.unsupportedModel(
        file: source,
        problem: "its pieces are found by \(model.algorithm.name), expected Unigram. "
          + "Save the tokenizer from transformers as tokenizer.json.")
    }
    guard let name = configuration.className else {
      self.init(try Self.parts(of: model, nil, configuration, source))
      return
    }
    guard let family = Family.named(name) else {
      let known = Family.all.flatMap(\.classes).joined(separator: ", ")
      throw TokenizerError.unsupportedModel(
        file: source,
        problem: "how \(name) numbers its pieces is not known; known: \(known). "
          + "Save the tokenizer from transformers as tokenizer.json.")
    }
    self.init(try Self.parts(of: model, family, configuration, source))
  }

  private static func parts(
    of model: SentencePieceModel, _ family: Family?, _ configuration: TokenizerConfiguration,
    _ source: String
  ) throws -> Parts {
    var (vocabulary, scores) = (Vocabulary(), [Double]())
    func append(_ token: String) {
      var token = token
      token.withUTF8 { vocabulary.append($0) }
      scores.append(0)
    }
    let leading = family?.leading ?? []
    for token in leading { append(token) }
    let searchScores = model.searchScores
    for id in model.pieces.indices.dropFirst(family?.replacedCount ?? 0) {
      model.pieces[id].withUnsafeBufferPointer { vocabulary.append($0) }
      scores.append(searchScores[Int(id)])
    }
    for token in family?.trailing ?? [] where vocabulary.id(of: token) == nil { append(token) }
    let unknown = family?.special.unknown ?? model.pieces.token(of: model.unknownID) ?? ""
    guard let unknownID = vocabulary.id(of: unknown) else {
      throw TokenizerError.missingToken(file: source, token: unknown, count: vocabulary.count)
    }
    let metaspace =
      family == nil
      ? Metaspace(prefix: model.addsPrefix ? .always : .never, cuts: !model.crossesSpaces)
      : Metaspace()
    var parts = Parts(
      normalizer: normalizer(of: model, isOfFamily: family != nil),
      preTokenizer: family == nil
        ? .metaspace(metaspace) : .sequence([.whitespaceSplit, .metaspace(metaspace)]),
      model: .unigram(
        Unigram(
          vocabulary: vocabulary, scores: scores, unknownID: unknownID,
          fallsBackToBytes: model.fallsBackToBytes)),
      decoder: .metaspace(metaspace))
    parts.addedTokens = addedTokens(of: model, family, vocabulary)
    parts.specialTokens = family?.special ?? usualTokens
    parts.specialTokens.unknown = unknown
    parts.maximumLength = configuration.maximumLength
    parts.postProcessor = try family.map { try template(of: $0, vocabulary, source) }
    return parts
  }

  /// The names that models usually have; those that a model lacks have no part to play.
  private static let usualTokens = SpecialTokens(
    padding: "<pad>", unknown: "<unk>", classification: "<s>", separator: "</s>", mask: "<mask>")

  /// Returns what happens to the characters of a text.
  ///
  /// - Parameters:
  ///   - isOfFamily: Whether the text is cut at white space of all kinds anyway.
  ///   - prefersLongest: Whether rules apply as in SentencePiece itself, instead of as in `tokenizers`.
  static func normalizer(
    of model: SentencePieceModel, isOfFamily: Bool = false, prefersLongest: Bool = false
  ) -> Normalizer? {
    let precompiled = model.charsmap.map {
      Normalizer.precompiled(PrecompiledNormalizer($0, prefersLongest: prefersLongest))
    }
    // The families cut at white space of all kinds, which leaves nothing to strip.
    guard !isOfFamily else { return precompiled }
    var stages = precompiled.map { [$0] } ?? []
    if model.removesExtraSpaces {
      stages.append(.strip(left: true, right: true))
      stages.append(.replace(ReplaceNormalizer(.known(.spaces), with: " ")))
    }
    return stages.isEmpty ? nil : .sequence(stages)
  }

  private static func addedTokens(
    of model: SentencePieceModel, _ family: Family?, _ vocabulary: Vocabulary
  ) -> [AddedToken] {
    var tokens: [AddedToken] = []
    var contents = Vocabulary()
    func add(_ content: String, stripsLeft: Bool = false) {
      var content = content
      guard content.withUTF8({ contents.insert($0).isNew }), let id = vocabulary.id(of: content)
      else { return }
      tokens.append(AddedToken(id: id, content: content, stripsLeft: stripsLeft))
    }
    for content in (family?.leading ?? []) + (family?.trailing ?? []) {
      add(content, stripsLeft: content == "<mask>")
    }
    for (id, kind) in zip(model.pieces.indices, model.kinds) {
      let isOfFamily = family != nil && (kind == .unknown || kind == .userDefined)
      guard kind == .control || isOfFamily else { continue }
      if let content = model.pieces.token(of: id) { add(content) }
    }
    return tokens
  }

  private static func template(
    of family: Family, _ vocabulary: Vocabulary, _ source: String
  ) throws -> PostProcessor {
    func items(_ names: [String?]) throws -> [TemplatePostProcessor.Item] {
      var textCount = 0
      return try names.map { name in
        guard let name else {
          textCount += 1
          return .text(isSecond: textCount == 2, segment: 0)
        }
        guard let id = vocabulary.id(of: name) else {
          throw TokenizerError.missingToken(file: source, token: name, count: vocabulary.count)
        }
        return .special(id: id, segment: 0)
      }
    }
    return .template(
      TemplatePostProcessor(single: try items(family.single), pair: try items(family.pair)))
  }
}
