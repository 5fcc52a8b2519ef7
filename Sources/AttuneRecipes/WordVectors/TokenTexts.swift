// SPDX-License-Identifier: Apache-2.0

internal import AttuneTokenizers

/// A vocabulary as far as words meet it.
struct TokenTexts {
  /// Ids count up to this.
  let count: Int
  /// The text of a token alone.
  private let text: (Int32) -> String
  private let encode: (String) -> [Int32]
  private let unknownID: Int32?

  init(_ tokenizer: Tokenizer) {
    (count, unknownID) = (tokenizer.vocabularySize, tokenizer.unknownID)
    text = { tokenizer.decode([$0]) }
    encode = { text in
      let encoding = tokenizer.encode(text)
      return zip(encoding.ids, encoding.isSpecial).filter { !$0.1 }.map(\.0)
    }
  }

  init(_ tokenizer: LanguageTokenizer) {
    (count, unknownID) = (tokenizer.vocabulary.count, tokenizer.unknownID)
    text = { tokenizer.decode([$0]) }
    encode = { tokenizer.encodeIDs($0).dropLast() }
  }

  /// The tokens of a word, without those that stand around every text; none where the vocabulary cannot write it.
  func pieces(_ word: String) -> [Int32] {
    let ids = encode(word)
    return unknownID.map(ids.contains) ?? false ? [] : ids
  }

  /// The word that a token is the whole of; nil for pieces of words and tokens with a part to play.
  func word(of id: Int32) -> String? {
    let text = text(id)
    // Tokenizers that count the space before a word to it have a token for the word with and one without.
    guard text.contains(where: { $0 != " " }), pieces(text) == [id] else { return nil }
    return text.split(separator: " ").joined(separator: " ")
  }
}
