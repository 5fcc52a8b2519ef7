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
    let added = try AddedTokensFile.read(document)
    let preTokenizer = try optional(document, "pre_tokenizer", PreTokenizerFile.read)
    let model = try model(
      try document.field(at: "model"), added: added,
      isByteLevel: preTokenizer.map(PreTokenizerFile.isByteLevel) ?? false)
    if let preTokenizer {
      try PreTokenizerFile.check(
        preTokenizer, model, at: try document.field(at: "pre_tokenizer"))
    }
    try AddedTokensFile.check(added, model.vocabulary, at: document)
    let tokens = TokenIDs(vocabulary: model.vocabulary, added: added)
    var parts = Tokenizer.Parts(model: model)
    parts.addedTokens = added
    parts.normalizer = try optional(document, "normalizer", NormalizerFile.read)
    parts.preTokenizer = preTokenizer
    parts.postProcessor = try optional(document, "post_processor") {
      (field) throws(JSONFieldError) in try PostProcessorFile.read(field, tokens)
    }
    parts.decoder = try optional(document, "decoder", DecoderFile.read)
    parts.specialTokens = configuration.specialTokens(among: tokens.holds)
    if let unknown = model.unknownToken { parts.specialTokens.unknown = unknown }
    let cut = try TruncationFile.read(document)
    parts.maximumLength = cut?.maximumLength ?? configuration.maximumLength
    if let truncation = cut?.truncation { parts.truncation = truncation }
    if let direction = configuration.truncationDirection {
      parts.truncation.direction = direction
    }
    parts.kept = Tokenizer.KeptBlocks(
      truncates: cut != nil, padding: try document.optionalObject(at: "padding"))
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

  /// Returns a text that is no longer than a token may be.
  static func shortString(_ field: JSONField, _ key: String) throws(JSONFieldError) -> String {
    let text = try field.string(at: key)
    guard text.utf8.count <= TokenizerLimits.tokenBytes else {
      throw try field.field(at: key).error(
        "\(text.utf8.count) bytes, expected at most \(TokenizerLimits.tokenBytes).")
    }
    return text
  }

  /// Returns a text that is one scalar.
  static func scalar(
    _ field: JSONField, _ key: String
  ) throws(JSONFieldError) -> Unicode.Scalar {
    let text = try field.string(at: key)
    guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
      throw try field.field(at: key).error(
        "found '\(shortened(text))', expected a single character.")
    }
    return scalar
  }

  /// Reads the parts of a stage that is a sequence.
  static func sequence<Stage>(
    _ field: JSONField, _ key: String, _ read: (JSONField) throws(JSONFieldError) -> Stage
  ) throws(JSONFieldError) -> [Stage] {
    try field.refuseKeys(notIn: ["type", key])
    let places = try field.fields(at: key)
    guard places.count <= TokenizerLimits.templateItems else {
      throw try field.field(at: key).error(
        "\(places.count) parts, expected at most \(TokenizerLimits.templateItems).")
    }
    var stages: [Stage] = []
    for place in places { stages.append(try read(place)) }
    return stages
  }
}

/// Finds ids of the model's tokens and of the added ones.
struct TokenIDs {
  let vocabulary: Vocabulary
  let added: [AddedToken]

  func holds(_ token: String) -> Bool {
    vocabulary.id(of: token) != nil || added.contains { $0.content.utf8.elementsEqual(token.utf8) }
  }

  func holds(_ token: String, id: Int) -> Bool {
    if let known = vocabulary.id(of: token) { return Int(known) == id }
    return added.contains { Int($0.id) == id && $0.content.utf8.elementsEqual(token.utf8) }
  }
}
