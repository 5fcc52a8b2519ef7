// SPDX-License-Identifier: Apache-2.0

import AttuneTokenizers
import Testing

@Suite("Tokenizers of some of the tokens")
struct TokenizerKeepingTests {
  private static let names =
    ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    + ["play", "##ing", "##ed", "good", "never"]
    + "playingoderv".map(String.init).uniqued.flatMap { [$0, "##" + $0] }

  private func tokenizer() throws -> Tokenizer { try Tokenizer(wordPiece: Vocabulary(Self.names)) }

  private func use(_ text: String, _ tokenizer: Tokenizer) -> [Double] {
    var use = [Double](repeating: 0, count: tokenizer.vocabularySize)
    for id in tokenizer.pieceIDs(of: text) { use[Int(id)] += 1 }
    return use
  }

  private func tokens(_ text: String, _ tokenizer: Tokenizer) -> [String] {
    tokenizer.encodeIDs(text).compactMap { tokenizer.model.vocabulary.token(of: $0) }
  }

  @Test("The most used tokens are kept, and every character of those in use")
  func chooses() throws {
    let tokenizer = try tokenizer()
    let use = use("playing playing play good", tokenizer)
    func kept(_ size: Int) -> (names: [String], required: Int) {
      let (ids, required) = tokenizer.mostUsedTokens(use, size: size)
      return (ids.compactMap { tokenizer.model.vocabulary.token(of: $0) }, required)
    }
    // 5 special tokens; p, l, a, y, i, n, g, o and d, each alone and inside a word.
    let characters = "playingod".flatMap { [String($0), "##" + String($0)] }
    let (all, required) = kept(1_000)
    #expect(required == 5 + 18)
    #expect(
      Set(all)
        == Set(Self.names.filter { $0.hasPrefix("[") && $0 != "[unused0]" } + characters)
        .union(["play", "##ing", "good"]))
    #expect(Set(all).subtracting(kept(25).names) == ["good"])
    #expect(Set(all).subtracting(kept(24).names) == ["good", "##ing"])
    #expect(kept(3).names.count == required && kept(3).required == required)
  }

  @Test("Words of kept tokens stay whole, others are cut into what is left")
  func cuts() throws {
    let whole = try tokenizer()
    let (ids, _) = whole.mostUsedTokens(use("playing playing play good", whole), size: 25)
    let some = try #require(try whole.keeping(ids))
    #expect(some.vocabularySize == 25 && some.padID == 0 && some.unknownID == 1)
    #expect(tokens("Playing play", some) == ["[CLS]", "play", "##ing", "play", "[SEP]"])
    #expect(tokens("Playing play", some) == tokens("Playing play", whole))
    #expect(tokens("good", some) == ["[CLS]", "g", "##o", "##o", "##d", "[SEP]"])
    // No text had an 'e' or a 'v'.
    #expect(tokens("never", some) == ["[CLS]", "[UNK]", "[SEP]"])
    // Ids count the kept tokens in their order.
    for (id, old) in ids.enumerated() {
      #expect(
        some.model.vocabulary.token(of: Int32(id)) == whole.model.vocabulary.token(of: old))
    }
    #expect(throws: TokenizerError.self) { try whole.keeping(ids.filter { $0 != 3 }) }
  }

  @Test("Tokenizers of another make are left alone")
  func others() throws {
    let tokenizer = try BPETrainer(vocabularySize: 300).train(on: ["good good film"])
    #expect(try tokenizer.keeping([0, 1, 2, 3]) == nil)
  }
}

extension [String] {
  /// Each string where it stands first.
  fileprivate var uniqued: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
