// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// What is read from `tokenizer_config.json` and `special_tokens_map.json`; other keys are left alone.
struct TokenizerConfiguration {
  var lowercases = true
  var stripsAccents: Bool?
  var separatesIdeographs = true
  var addsPrefixSpace = false
  var trimsOffsets = true
  var maximumLength: Int?
  var truncationDirection: Truncation.Direction?
  /// The class of `transformers`, without `Fast` at its end.
  var className: String?
  /// The tokens that the files name.
  var named = SpecialTokens()
  /// Tokens that the files describe in full.
  var addedTokens: [AddedToken] = []

  /// Takes over what the document says; what it leaves out stays.
  mutating func apply(_ document: JSONField) throws(JSONFieldError) {
    lowercases = try document.optionalBool(at: "do_lower_case") ?? lowercases
    stripsAccents = try document.optionalBool(at: "strip_accents") ?? stripsAccents
    separatesIdeographs =
      try document.optionalBool(at: "tokenize_chinese_chars") ?? separatesIdeographs
    addsPrefixSpace = try document.optionalBool(at: "add_prefix_space") ?? addsPrefixSpace
    trimsOffsets = try document.optionalBool(at: "trim_offsets") ?? trimsOffsets
    if let name = try document.optionalString(at: "tokenizer_class") {
      className = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
    }
    // Without a limit the file holds 10^30, which is no length.
    if case .integer(let length)? = try document.field(at: "model_max_length").value {
      _ = try document.integer(at: "model_max_length", in: 1...(.max))
      maximumLength = length <= Int(Int32.max) ? length : nil
    }
    switch try document.optionalString(at: "truncation_side") {
    case "left": truncationDirection = .left
    case "right": truncationDirection = .right
    case nil: break
    case let side?:
      throw try document.field(at: "truncation_side").error(
        "found '\(side)', expected 'left' or 'right'.")
    }
    for (key, path) in SpecialTokens.parts {
      if let token = try Self.token(document, key) { named[keyPath: path] = token }
    }
    try applyAddedTokens(document)
  }

  /// Returns the tokens with a part to play: those named, or else the usual ones that are there.
  func specialTokens(among isKnown: (String) -> Bool) -> SpecialTokens {
    let usual: [SpecialTokens] =
      switch className {
      case "MPNetTokenizer": [.mpnet, .bert]
      case "RobertaTokenizer", "XLMRobertaTokenizer", "CamembertTokenizer": [.roberta]
      default: [.bert, .roberta]
      }
    var tokens = named
    for (_, path) in SpecialTokens.parts where tokens[keyPath: path] == nil {
      let names = usual.compactMap { $0[keyPath: path] }
      tokens[keyPath: path] = names.first(where: isKnown) ?? names.first
    }
    return tokens
  }

  /// Returns a token given by its text or by an object with its `content`.
  private static func token(
    _ document: JSONField, _ key: String
  ) throws(JSONFieldError) -> String? {
    if case .object? = try document.field(at: key).value {
      return try document.string(at: key, "content")
    }
    return try document.optionalString(at: key)
  }

  /// Reads `added_tokens_decoder`, an object of tokens under their ids.
  private mutating func applyAddedTokens(_ document: JSONField) throws(JSONFieldError) {
    guard try document.has("added_tokens_decoder") else { return }
    let members = try document.members(at: "added_tokens_decoder")
    guard members.count <= TokenizerLimits.addedTokens else {
      throw try document.field(at: "added_tokens_decoder").error(
        "\(members.count) tokens, expected at most \(TokenizerLimits.addedTokens).")
    }
    addedTokens = []
    for (key, field) in members {
      guard let id = Int32(key), 0...2 * TokenizerLimits.tokens ~= Int(id) else {
        throw field.error("the key '\(key)' is no id.")
      }
      addedTokens.append(
        AddedToken(
          id: id, content: try field.string(at: "content"),
          isSpecial: try field.optionalBool(at: "special") ?? false,
          isNormalized: try field.optionalBool(at: "normalized") ?? false,
          stripsLeft: try field.optionalBool(at: "lstrip") ?? false,
          stripsRight: try field.optionalBool(at: "rstrip") ?? false,
          isSingleWord: try field.optionalBool(at: "single_word") ?? false))
    }
  }
}
