// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import AttuneTokenizers

@Suite("Learning the pieces of a translator")
struct SentencePieceTrainerTests {
  /// Sentences of a few words, so that the words become pieces.
  private var texts: [String] {
    let words = ["chien", "chat", "maison", "rivière", "l'homme", "petit", "42"]
    return (0..<200).map { index in
      let chosen = (0..<4).map { words[(index * (3 + $0) + $0 * $0) % words.count] }
      return chosen.joined(separator: " ") + [".", "\u{202F}!", "\u{A0}?"][index % 3]
    }
  }

  private func tokenizers(_ texts: [String], pieces: Int = 60) throws -> TranslationTokenizers {
    try TranslationTokenizers(jointModel: SentencePieceTrainer(pieceCount: pieces).train(on: texts))
  }

  @Test("Texts come back, with spaces of all kinds as one")
  func roundTrip() throws {
    let tokenizers = try tokenizers(texts)
    for text in texts.prefix(20) {
      let expected = text.map { $0 == "\u{202F}" || $0 == "\u{A0}" ? " " : $0 }
      let ids = tokenizers.source.encodeIDs(text)
      #expect(tokenizers.target.decode(ids) == String(expected))
      #expect(ids.last == tokenizers.source.endID && !ids.contains(tokenizers.source.unknownID))
    }
    let kinds = ["chat !", "chat\u{202F}!", "chat\u{A0}!", " chat\u{2009} !\t"]
    #expect(Set(kinds.map { tokenizers.source.encodeIDs($0) }).count == 1)
    #expect(tokenizers.source.encodeIDs("e\u{301}") == tokenizers.source.encodeIDs("é"))
  }

  @Test("Frequent words become pieces, and no piece joins a word to punctuation")
  func pieces() throws {
    let tokenizers = try tokenizers(texts)
    func pieces(_ text: String) -> [String] {
      tokenizers.source.encodeIDs(text).dropLast().compactMap { tokenizers.source.token(of: $0) }
    }
    #expect(pieces("chien rivière.") == ["▁chien", "▁rivière", "."])
    #expect(pieces("l'homme") == ["▁l", "'", "homme"])
    for id in tokenizers.vocabulary.indices {
      let token = tokenizers.vocabulary.token(of: id)?.drop { $0 == "▁" } ?? ""
      guard !["</s>", "<unk>", "<pad>"].contains(String(token)) else { continue }
      #expect(token.allSatisfy(\.isLetter) || token.allSatisfy { !$0.isLetter }, "\(token)")
    }
  }

  @Test("The pieces do not depend on the order of the texts")
  func order() throws {
    let trainer = SentencePieceTrainer(pieceCount: 50)
    #expect(try trainer.train(on: texts) == trainer.train(on: texts.reversed()))
  }

  @Test("The end, the unknown token and the padding have Marian's places")
  func places() throws {
    let tokenizers = try tokenizers(texts, pieces: 40)
    let count = tokenizers.vocabulary.count
    // Pieces that the texts do not need are left out, so there may be fewer.
    #expect(count > 30 && count <= 43)
    #expect(tokenizers.source.endID == 0 && tokenizers.source.unknownID == 1)
    #expect(Int(tokenizers.source.padID) == count - 1)
    #expect(tokenizers.source.encodeIDs("日本").contains(1))
  }

  @Test("Texts without words and vocabularies without room are refused")
  func refusals() throws {
    #expect(throws: TokenizerError.noWords(texts: 2)) {
      try SentencePieceTrainer(pieceCount: 50).train(on: ["", " \u{A0} "])
    }
    #expect(throws: TokenizerError.self) {
      try SentencePieceTrainer(pieceCount: 5).train(on: texts)
    }
    #expect(throws: TokenizerError.self) {
      try SentencePieceTrainer(pieceCount: 0).train(on: texts)
    }
  }

  @Test("A map of characters does what its rules say, the longest first")
  func charsmap() throws {
    let rules = [("a", "1"), ("ab", "2"), ("é", "e"), ("日", ""), ("\u{A0}", " "), ("abcd", "long")]
    let map = try Charsmap(CharsmapBuilder.bytes(of: rules.map { (key: $0.0, replacement: $0.1) }))
    let normalizer = Normalizer.precompiled(PrecompiledNormalizer(map, prefersLongest: true))
    #expect(normalizer.normalize("a ab abc abcd xé日\u{A0}z") == "1 2 2c long xe z")
    #expect(normalizer.normalize("") == "" && normalizer.normalize("xyz") == "xyz")
  }
}
