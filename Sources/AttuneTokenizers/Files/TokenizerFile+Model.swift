// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

extension TokenizerFile {
  static func model(_ field: JSONField) throws(JSONFieldError) -> SubwordModel {
    _ = try type(field, oneOf: ["WordPiece"])
    try field.refuseKeys(notIn: [
      "type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab",
    ])
    let vocabulary = try vocabulary(
      try field.object(at: "vocab"), at: try field.field(at: "vocab"))
    let unknown = try field.string(at: "unk_token")
    let prefix = try field.string(at: "continuing_subword_prefix")
    guard prefix.utf8.count <= TokenizerLimits.tokenBytes else {
      throw try field.field(at: "continuing_subword_prefix").error(
        "\(prefix.utf8.count) bytes, expected at most \(TokenizerLimits.tokenBytes).")
    }
    let model = WordPiece(
      vocabulary: vocabulary, unknownToken: unknown, continuingPrefix: prefix,
      longestWord: try field.integer(at: "max_input_chars_per_word", in: 1...1_000_000))
    guard let model else {
      throw try field.field(at: "unk_token").error(
        "'\(unknown)' is not among the \(vocabulary.count) tokens of model.vocab.")
    }
    return .wordPiece(model)
  }

  /// Reads an object of tokens and ids; the ids must be 0, 1, 2 … without gaps, in any order.
  private static func vocabulary(
    _ object: JSONObject, at field: JSONField
  ) throws(JSONFieldError) -> Vocabulary {
    let members = object.members
    guard 1...TokenizerLimits.tokens ~= members.count else {
      throw field.error(
        "\(members.count) tokens, expected 1 to \(TokenizerLimits.tokens).")
    }
    var places = [Int](repeating: -1, count: members.count)
    for (place, member) in members.enumerated() {
      guard case .integer(let id) = member.value, places.indices ~= id else {
        throw field.error(
          "the token '\(shortened(member.key))' has the id \(described(member.value)), expected an "
            + "integer from 0 to \(members.count - 1): ids run without gaps.")
      }
      guard places[id] < 0 else {
        throw field.error(
          "the tokens '\(shortened(members[places[id]].key))' and '\(shortened(member.key))' have "
            + "the same id \(id).")
      }
      guard 1...TokenizerLimits.tokenBytes ~= member.key.utf8.count else {
        throw field.error(
          "the token with the id \(id) has \(member.key.utf8.count) bytes, expected 1 to "
            + "\(TokenizerLimits.tokenBytes).")
      }
      places[id] = place
    }
    return Vocabulary(places.lazy.map { members[$0].key })
  }

  private static func shortened(_ token: String) -> String {
    let beginning = token.unicodeScalars.prefix(40)
    return beginning.endIndex == token.endIndex ? token : String(beginning) + "…"
  }

  private static func described(_ value: JSONValue) -> String {
    switch value {
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    default: value.kind
    }
  }
}
