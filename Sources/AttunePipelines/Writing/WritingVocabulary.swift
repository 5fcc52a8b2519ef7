// SPDX-License-Identifier: Apache-2.0

internal import AttuneModels
internal import AttuneTokenizers

/// What a search must know of a model besides its numbers.
struct WritingVocabulary {
  /// Joins what is written.
  let tokenizer: LanguageTokenizer
  /// The tokens with a part to play.
  let tokens: TranslatorTokens
  /// Rows of the table; there can be more than tokens.
  let entryCount: Int
  /// Most tokens of a text that the model was made for.
  let maximumLength: Int
  /// How the folder asks to be used.
  let generation: GenerationDefaults

  /// The tokens of a text, without the end.
  func ids(of text: String) -> [Int32] {
    text.isEmpty ? [] : tokenizer.encodeIDs(text).dropLast()
  }

  /// The tokens that are written, and the end when it was reached, as strings.
  func tokens(of ids: [Int32], isFinished: Bool) -> [String] {
    (ids + (isFinished ? [tokens.end] : [])).map { tokenizer.token(of: $0) ?? "" }
  }
}
