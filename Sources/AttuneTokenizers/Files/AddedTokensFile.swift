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
    guard let (index, problem) = misplaced(tokens, vocabulary) else { return }
    throw try document.fields(at: "added_tokens")[index].field(at: "id").error(problem)
  }

  /// Throws the same for tokens that come from elsewhere than `tokenizer.json`.
  static func check(
    _ tokens: [AddedToken], _ vocabulary: Vocabulary, file: String
  ) throws(TokenizerError) {
    guard let (_, problem) = misplaced(tokens, vocabulary) else { return }
    throw .misplacedToken(file: file, problem: problem)
  }

  /// Returns the index of a token with an id that it cannot have, and the reason.
  private static func misplaced(
    _ tokens: [AddedToken], _ vocabulary: Vocabulary
  ) -> (index: Int, problem: String)? {
    // Tokens that the model does not hold continue its ids; they need not stand in order.
    var newIndices: [Int] = []
    for (index, token) in tokens.enumerated() {
      if let id = vocabulary.id(of: token.content) {
        guard id == token.id else {
          return (
            index, "'\(token.content)' has the id \(token.id) here and \(id) in model.vocab."
          )
        }
      } else if let other = vocabulary.token(of: token.id) {
        return (
          index, "'\(token.content)' has the id \(token.id), which is '\(other)' in model.vocab."
        )
      } else {
        newIndices.append(index)
      }
    }
    newIndices.sort { tokens[$0].id < tokens[$1].id }
    for (offset, index) in newIndices.enumerated() {
      let (found, expected) = (Int(tokens[index].id), vocabulary.count + offset)
      guard found == expected else {
        return (
          index,
          "found \(found), expected \(expected): new tokens continue the ids without gaps."
        )
      }
    }
    return nil
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
