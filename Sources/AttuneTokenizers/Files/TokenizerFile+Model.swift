// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

extension TokenizerFile {
  /// Reads the model; added tokens fill gaps of its ids, and `isByteLevel` says how it is written.
  static func model(
    _ field: JSONField, added: [AddedToken], isByteLevel: Bool
  ) throws(JSONFieldError) -> SubwordModel {
    switch try type(field, oneOf: ["BPE", "Unigram", "WordPiece"]) {
    case "BPE": .bpe(try bpe(field, added: added, isByteLevel: isByteLevel))
    case "Unigram": .unigram(try UnigramFile.read(field))
    default: .wordPiece(try wordPiece(field, added: added))
    }
  }

  private static func wordPiece(
    _ field: JSONField, added: [AddedToken]
  ) throws(JSONFieldError) -> WordPiece {
    try field.refuseKeys(notIn: [
      "type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab",
    ])
    let vocabulary = try vocabulary(try field.field(at: "vocab"), added: added)
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
    return model
  }

  /// Reads an object of tokens and ids, in any order; without gaps, unless added tokens fill them.
  static func vocabulary(
    _ field: JSONField, added: [AddedToken]
  ) throws(JSONFieldError) -> Vocabulary {
    let object = try field.object()
    let members = object.members
    guard 1...TokenizerLimits.tokens ~= members.count else {
      throw field.error(
        "\(members.count) tokens, expected 1 to \(TokenizerLimits.tokens).")
    }
    let fillers = added.filter { object[$0.content] == nil }
    var places = [Int](repeating: -1, count: members.count + fillers.count)
    for (place, member) in members.enumerated() {
      guard case .integer(let id) = member.value, places.indices ~= id else {
        throw field.error(
          "the token '\(shortened(member.key))' has the id \(described(member.value)), expected an "
            + "integer from 0 to \(places.count - 1): ids run without gaps.")
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
    return Vocabulary(try tokens(at: places, members, fillers, field))
  }

  /// Returns the tokens in the order of their ids, up to the last one of the model.
  private static func tokens(
    at places: [Int], _ members: [JSONObject.Member], _ fillers: [AddedToken], _ field: JSONField
  ) throws(JSONFieldError) -> [String] {
    let last = places.lastIndex { $0 >= 0 } ?? -1
    var filled: [Int: String] = [:]
    for filler in fillers { filled[Int(filler.id)] = filler.content }
    var tokens: [String] = []
    for (id, place) in places[...last].enumerated() {
      if place >= 0 {
        tokens.append(members[place].key)
      } else if let filler = filled[id] {
        tokens.append(filler)
      } else {
        throw field.error(
          "no token has the id \(id), neither here nor in added_tokens: ids run without gaps.")
      }
    }
    return tokens
  }

  /// Returns the beginning of a text that may be long.
  static func shortened(_ token: String) -> String {
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
