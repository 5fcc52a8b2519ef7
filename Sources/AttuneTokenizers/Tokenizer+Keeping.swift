// SPDX-License-Identifier: Apache-2.0

extension Tokenizer {
  /// Returns a tokenizer that knows only some of the tokens: what others stood for is cut into smaller pieces.
  ///
  /// Its ids count the kept tokens in their order. Nil unless this is a tokenizer of BERT's make.
  ///
  /// - Parameter ids: Rising ids, those of the special tokens among them.
  /// - Throws: When a token is missing that the tokenizer cannot do without.
  public func keeping(_ ids: [Int32]) throws(TokenizerError) -> Tokenizer? {
    guard isOfBERT, case .wordPiece(let pieces) = model, case .bert(let normalizer)? = normalizer,
      WordPiece(vocabulary: pieces.vocabulary, unknownToken: pieces.unknownToken) == pieces
    else { return nil }
    let kept = try Tokenizer(
      wordPiece: Vocabulary(ids.compactMap { pieces.vocabulary.token(of: $0) }),
      lowercases: normalizer.lowercases, stripsAccents: normalizer.stripsAccents,
      separatesIdeographs: normalizer.separatesIdeographs, specialTokens: specialTokens,
      maximumLength: maximumLength)
    return kept.addedTokens.count == addedTokens.count ? kept : nil
  }

  /// Returns the tokens that are used most, by rising id, and how many of them no choice can do without: the special tokens and
  /// every character of the tokens in use, at the beginning of a word and inside it, so that no word becomes unknown.
  ///
  /// - Parameters:
  ///   - use: How much each token is used, by id; what is not used at all is not kept.
  ///   - size: Tokens to return at most.
  public func mostUsedTokens(_ use: [Double], size: Int) -> (ids: [Int32], required: Int) {
    precondition(use.count == vocabularySize, "use of \(use.count) of \(vocabularySize) tokens")
    let special = specialTokenTable
    var kept = Set(special.indices.filter { special[$0] }.map { Int32($0) })
    let used = use.indices.filter { use[$0] > 0 && !special[$0] }
    for id in used {
      for character in spelling(of: Int32(id)).unicodeScalars {
        kept.formUnion(
          ["", continuingPrefix].compactMap { model.vocabulary.id(of: $0 + String(character)) })
      }
    }
    let required = kept.count
    for id in used.sorted(by: { (-use[$0], $0) < (-use[$1], $1) }) {
      guard kept.count < size else { break }
      kept.insert(Int32(id))
    }
    return (kept.sorted(), required)
  }

  private var continuingPrefix: String {
    if case .wordPiece(let pieces) = model { pieces.continuingPrefix } else { "" }
  }

  /// What a token stands for in a text, without the mark that it goes on with a word.
  private func spelling(of id: Int32) -> String {
    let token = model.vocabulary.token(of: id) ?? ""
    let mark = continuingPrefix
    return !mark.isEmpty && token.hasPrefix(mark) && token != mark
      ? String(token.unicodeScalars.dropFirst(mark.unicodeScalars.count)) : token
  }
}
