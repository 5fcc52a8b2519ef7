// SPDX-License-Identifier: Apache-2.0

import AttuneFormats

/// The added tokens inside `tokenizer.json`.
enum AddedTokensFile {
  /// Reads the tokens; whether their ids fit those of the model is another question.
  static func read(_ document: JSONField) throws(JSONFieldError) -> [AddedToken] {
    guard try document.has("added_tokens") else { return [] }
    let fields = try document.fields(at: "added_tokens")
    guard fields.count <= TokenizerLimits.addedTokens else {
      throw try document.field(at: "added_tokens").error(
        "\(fields.count) tokens, expected at most \(TokenizerLimits.addedTokens).")
    }
    var tokens: [AddedToken] = []
    var contents = Vocabulary()
    var byteCount = 0
    for field in fields {
      let token = try token(field)
      var content = token.content
      guard content.withUTF8({ contents.insert($0).isNew }) else {
        throw try field.field(at: "content").error("'\(content)' is added twice.")
      }
      byteCount += content.utf8.count
      guard byteCount <= TokenizerLimits.addedBytes else {
        throw try document.field(at: "added_tokens").error(
          "more than \(TokenizerLimits.addedBytes) bytes of tokens, the limit for all of them.")
      }
      tokens.append(token)
    }
    return tokens
  }

  /// Throws unless each token has its id in the model's vocabulary, or an id that continues those.
  static func check(
    _ tokens: [AddedToken], _ vocabulary: Vocabulary, at document: JSONField
  ) throws(JSONFieldError) {
    guard !tokens.isEmpty else { return }
    // Tokens that the model does not hold continue its ids; they need not stand in order.
    var newIDs: [(id: Int32, field: JSONField)] = []
    for (token, field) in zip(tokens, try document.fields(at: "added_tokens")) {
      let place = try field.field(at: "id")
      if let id = vocabulary.id(of: token.content) {
        guard id == token.id else {
          throw place.error(
            "'\(token.content)' has the id \(token.id) here and \(id) in model.vocab.")
        }
      } else if let other = vocabulary.token(of: token.id) {
        throw place.error(
          "'\(token.content)' has the id \(token.id), which is '\(other)' in model.vocab.")
      } else {
        newIDs.append((token.id, place))
      }
    }
    for (offset, new) in newIDs.sorted(by: { $0.id < $1.id }).enumerated() {
      let expected = vocabulary.count + offset
      guard Int(new.id) == expected else {
        throw new.field.error(
          "found \(new.id), expected \(expected): new tokens continue the ids without gaps.")
      }
    }
  }

  private static func token(_ field: JSONField) throws(JSONFieldError) -> AddedToken {
    try field.refuseKeys(notIn: [
      "id", "content", "single_word", "lstrip", "rstrip", "normalized", "special",
    ])
    let content = try field.string(at: "content")
    guard 1...TokenizerLimits.tokenBytes ~= content.utf8.count else {
      throw try field.field(at: "content").error(
        "\(content.utf8.count) bytes, expected 1 to \(TokenizerLimits.tokenBytes).")
    }
    return AddedToken(
      id: Int32(try field.integer(at: "id", in: 0...2 * TokenizerLimits.tokens)),
      content: content, isSpecial: try field.bool(at: "special"),
      isNormalized: try field.bool(at: "normalized"), stripsLeft: try field.bool(at: "lstrip"),
      stripsRight: try field.bool(at: "rstrip"), isSingleWord: try field.bool(at: "single_word"))
  }

  /// Returns the JSON of a token.
  static func write(_ token: AddedToken) -> JSONValue {
    [
      "id": .integer(Int(token.id)), "content": .string(token.content),
      "single_word": .bool(token.isSingleWord), "lstrip": .bool(token.stripsLeft),
      "rstrip": .bool(token.stripsRight), "normalized": .bool(token.isNormalized),
      "special": .bool(token.isSpecial),
    ]
  }
}
