// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// `tokenizer.json`: all stages in one file.
enum TokenizerFile {
  /// The one version there is.
  static let version = "1.0"

  static func read(
    _ document: JSONField, configuration: TokenizerConfiguration
  ) throws(JSONFieldError) -> Tokenizer {
    try document.refuseKeys(notIn: [
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
      "post_processor", "decoder", "model",
    ])
    let found = try document.string(at: "version")
    guard found == version else {
      throw try document.field(at: "version").error("found '\(found)', expected '\(version)'.")
    }
    let model = try model(try document.field(at: "model"))
    let added = try addedTokens(document, model.vocabulary)
    let tokens = TokenIDs(vocabulary: model.vocabulary, added: added)
    var parts = Tokenizer.Parts(model: model)
    parts.addedTokens = added
    parts.normalizer = try optional(document, "normalizer", normalizer)
    parts.preTokenizer = try optional(document, "pre_tokenizer", preTokenizer)
    parts.postProcessor = try optional(document, "post_processor") {
      (field) throws(JSONFieldError) in try PostProcessorFile.read(field, tokens)
    }
    parts.decoder = try optional(document, "decoder", decoder)
    parts.specialTokens = configuration.specialTokens
    if let unknown = model.unknownToken { parts.specialTokens.unknown = unknown }
    parts.maximumLength = try truncation(document) ?? configuration.maximumLength
    _ = try document.optionalObject(at: "padding")
    return Tokenizer(parts)
  }

  /// Reads a stage that may be missing or null.
  private static func optional<Stage>(
    _ document: JSONField, _ key: String, _ read: (JSONField) throws(JSONFieldError) -> Stage
  ) throws(JSONFieldError) -> Stage? {
    try document.has(key) ? try read(try document.field(at: key)) : nil
  }

  /// Returns the type of a stage, or throws naming what is supported.
  static func type(_ field: JSONField, oneOf supported: [String]) throws(JSONFieldError) -> String {
    let name = try field.string(at: "type")
    guard supported.contains(name) else {
      throw try field.field(at: "type").error(
        "'\(name)' is not supported. Supported: \(supported.joined(separator: ", "))."
          + EditDistance.suggestion(for: name, in: supported))
    }
    return name
  }

  private static func normalizer(_ field: JSONField) throws(JSONFieldError) -> Normalizer {
    _ = try type(field, oneOf: ["BertNormalizer"])
    try field.refuseKeys(notIn: [
      "type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase",
    ])
    return .bert(
      BERTNormalizer(
        cleansText: try field.bool(at: "clean_text"),
        separatesIdeographs: try field.bool(at: "handle_chinese_chars"),
        stripsAccents: try field.optionalBool(at: "strip_accents"),
        lowercases: try field.bool(at: "lowercase")))
  }

  private static func preTokenizer(_ field: JSONField) throws(JSONFieldError) -> PreTokenizer {
    _ = try type(field, oneOf: ["BertPreTokenizer"])
    try field.refuseKeys(notIn: ["type"])
    return .bert
  }

  private static func decoder(_ field: JSONField) throws(JSONFieldError) -> TokenDecoder {
    _ = try type(field, oneOf: ["WordPiece"])
    try field.refuseKeys(notIn: ["type", "prefix", "cleanup"])
    return .wordPiece(
      WordPieceDecoder(
        continuingPrefix: try field.string(at: "prefix"),
        cleansSpaces: try field.bool(at: "cleanup")))
  }

  /// Reads the length of a truncation that cuts ends, the only kind that is known here.
  private static func truncation(_ document: JSONField) throws(JSONFieldError) -> Int? {
    guard try document.has("truncation") else { return nil }
    let field = try document.field(at: "truncation")
    try field.refuseKeys(notIn: ["max_length", "strategy", "stride", "direction"])
    let length = try field.integer(at: "max_length", in: 1...Int(Int32.max))
    let stride = try field.optionalInteger(at: "stride") ?? 0
    guard 0..<length ~= stride else {
      throw try field.field(at: "stride").error(
        "found \(stride), expected an integer from 0 to \(length - 1), below max_length.")
    }
    let direction = try field.optionalString(at: "direction") ?? "Right"
    guard direction == "Right" else {
      throw try field.field(at: "direction").error("found '\(direction)', expected 'Right'.")
    }
    return length
  }

  private static func addedTokens(
    _ document: JSONField, _ vocabulary: Vocabulary
  ) throws(JSONFieldError) -> [AddedToken] {
    guard try document.has("added_tokens") else { return [] }
    let fields = try document.fields(at: "added_tokens")
    guard fields.count <= TokenizerLimits.addedTokens else {
      throw try document.field(at: "added_tokens").error(
        "\(fields.count) tokens, expected at most \(TokenizerLimits.addedTokens).")
    }
    var tokens: [AddedToken] = []
    var contents = Vocabulary()
    // Tokens that the model does not hold continue its ids; they need not stand in order.
    var newIDs: [(id: Int32, field: JSONField)] = []
    for field in fields {
      let token = try addedToken(field)
      var content = token.content
      guard content.withUTF8({ contents.insert($0).isNew }) else {
        throw try field.field(at: "content").error("'\(content)' is added twice.")
      }
      if let id = vocabulary.id(of: content) {
        guard id == token.id else {
          throw try field.field(at: "id").error(
            "'\(content)' has the id \(token.id) here and \(id) in model.vocab.")
        }
      } else if let other = vocabulary.token(of: token.id) {
        throw try field.field(at: "id").error(
          "'\(content)' has the id \(token.id), which is '\(other)' in model.vocab.")
      } else {
        newIDs.append((token.id, field))
      }
      tokens.append(token)
    }
    for (offset, new) in newIDs.sorted(by: { $0.id < $1.id }).enumerated() {
      let expected = vocabulary.count + offset
      guard Int(new.id) == expected else {
        throw try new.field.field(at: "id").error(
          "found \(new.id), expected \(expected): new tokens continue the ids without gaps.")
      }
    }
    return tokens
  }

  private static func addedToken(_ field: JSONField) throws(JSONFieldError) -> AddedToken {
    try field.refuseKeys(notIn: [
      "id", "content", "single_word", "lstrip", "rstrip", "normalized", "special",
    ])
    let content = try field.string(at: "content")
    guard 1...TokenizerLimits.tokenBytes ~= content.utf8.count else {
      throw try field.field(at: "content").error(
        "\(content.utf8.count) bytes, expected 1 to \(TokenizerLimits.tokenBytes).")
    }
    guard try !field.bool(at: "single_word") else {
      throw try field.field(at: "single_word").error("found true, which is not supported.")
    }
    return AddedToken(
      id: Int32(try field.integer(at: "id", in: 0...2 * TokenizerLimits.tokens)),
      content: content, isSpecial: try field.bool(at: "special"),
      isNormalized: try field.bool(at: "normalized"), stripsLeft: try field.bool(at: "lstrip"),
      stripsRight: try field.bool(at: "rstrip"))
  }
}

/// Finds ids of the model's tokens and of the added ones.
struct TokenIDs {
  let vocabulary: Vocabulary
  let added: [AddedToken]

  func holds(_ token: String, id: Int) -> Bool {
    if let known = vocabulary.id(of: token) { return Int(known) == id }
    return added.contains { Int($0.id) == id && $0.content.utf8.elementsEqual(token.utf8) }
  }
}
