// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// What is read from `tokenizer_config.json` and `special_tokens_map.json`; other keys are left alone.
struct TokenizerConfiguration {
  var lowercases = true
  var stripsAccents: Bool?
  var separatesIdeographs = true
  var maximumLength: Int?
  /// The class that `transformers` makes of the files.
  var className: String?
  var truncationDirection: Truncation.Direction?
  var specialTokens = SpecialTokens.bert

  /// Takes over what the document says; what it leaves out stays.
  mutating func apply(_ document: JSONField) throws(JSONFieldError) {
    lowercases = try document.optionalBool(at: "do_lower_case") ?? lowercases
    stripsAccents = try document.optionalBool(at: "strip_accents") ?? stripsAccents
    separatesIdeographs =
      try document.optionalBool(at: "tokenize_chinese_chars") ?? separatesIdeographs
    className = try document.optionalString(at: "tokenizer_class") ?? className
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
      if let token = try Self.token(document, key) { specialTokens[keyPath: path] = token }
    }
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
}
