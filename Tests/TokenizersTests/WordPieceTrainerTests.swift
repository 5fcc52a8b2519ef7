// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

@Suite("Training of WordPiece vocabularies")
struct WordPieceTrainerTests {
  static let texts = ["Hello world, hello there!", "The world says: hello", "low lower lowest"]

  private func tokens(of tokenizer: Tokenizer) -> [String] {
    (0..<Int32(tokenizer.vocabularySize)).compactMap { tokenizer.token(of: $0) }
  }

  @Test("The merges of a small text are those made by hand")
  func byHand() throws {
    // Words: ab x3, abc x2. Pairs: a ##b 5, ##b ##c 2; then ab ##c 2.
    let tokenizer = try WordPieceTrainer(vocabularySize: 12).train(on: ["ab ab ab", "abc ABC"])
    #expect(
      tokens(of: tokenizer) == [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "c", "##b", "##c", "ab", "abc",
      ])
    #expect(tokenizer.encodeIDs("ABC ab c") == [2, 11, 10, 7, 3])
  }

  @Test("Of equally frequent pairs the one of lower ids is merged first")
  func ties() throws {
    let tokenizer = try WordPieceTrainer(vocabularySize: 12).train(on: ["cd cd ab ab"])
    #expect(tokens(of: tokenizer).suffix(1) == ["ab"])
  }

  @Test("Pairs rarer than the minimum are not merged, and the vocabulary stays smaller")
  func minimumFrequency() throws {
    let tokenizer = try WordPieceTrainer(vocabularySize: 100, minimumFrequency: 3)
      .train(on: ["ab ab cd"])
    #expect(tokenizer.vocabularySize == 5 + 4 + 2)
  }

  @Test("The rarest characters are left out beyond the limit of the alphabet")
  func alphabet() throws {
    let tokenizer = try WordPieceTrainer(vocabularySize: 20, alphabetLimit: 2)
      .train(on: ["aaa bbb c"])
    #expect(
      tokenizer.id(of: "a") == 5 && tokenizer.id(of: "b") == 6 && tokenizer.id(of: "c") == nil)
    #expect(tokenizer.encodeIDs("c") == [2, 1, 3])
  }

  @Test("The order of the texts does not matter")
  func order() throws {
    let trainer = WordPieceTrainer(vocabularySize: 60, minimumFrequency: 1)
    #expect(try trainer.train(on: Self.texts) == trainer.train(on: Self.texts.reversed()))
  }

  @Test("The vocabulary of 500 reviews is the one that the tokenizers package trains")
  func sameAsReference() throws {
    let golden = try WordPieceGolden.document()
    let reference = try #require(try golden.fields(at: "trained").first).strings()
    let texts = try golden.fields(at: "texts").prefix(500).map {
      try $0.array()[1].stringValue ?? ""
    }
    let ours = try WordPieceTrainer(vocabularySize: reference.count).train(on: texts)
    #expect(ours.vocabularySize == reference.count)
    // The package numbers continuing characters at random, so ties fall otherwise.
    #expect(Set(tokens(of: ours)).intersection(reference).count >= reference.count * 97 / 100)
  }

  @Test("Progress is told, and what it throws ends the training")
  func progress() throws {
    struct Stop: Error {}
    var seen: [TokenizerProgress] = []
    _ = try WordPieceTrainer(vocabularySize: 60, minimumFrequency: 1).train(on: Self.texts) {
      seen.append($0)
    }
    #expect(seen.first == .counting(texts: 3))
    #expect(throws: Stop.self) {
      try WordPieceTrainer().train(on: Self.texts) { _ in throw Stop() }
    }
  }

  @Test("Settings that cannot work are refused")
  func refusals() {
    func error(_ trainer: WordPieceTrainer, _ texts: [String] = Self.texts) -> TokenizerError? {
      #expect(throws: TokenizerError.self) { try trainer.train(on: texts) }
    }
    #expect(error(WordPieceTrainer(), [" ", ""]) == .noWords(texts: 2))
    #expect(
      error(WordPieceTrainer(vocabularySize: 7), ["ab"])
        == .vocabularyTooSmall(size: 7, special: 5, characters: 3))
    #expect(
      error(WordPieceTrainer(vocabularySize: 0))
        == .invalidSetting(name: "vocabularySize", value: 0, expected: "1 to 1048576"))
    #expect(
      error(WordPieceTrainer(specialTokens: ["[UNK]", "[CLS]"]))
        == .invalidSpecialTokens(["[UNK]", "[CLS]"], problem: "'[SEP]' is missing"))
  }

  @Test("A trained tokenizer keeps the contract")
  func contract() throws {
    let tokenizer = try WordPieceTrainer(vocabularySize: 200, lowercases: false)
      .train(on: Self.texts + TokenizerContract.hardTexts)
    #expect(try TokenizerContract.violations(of: tokenizer) == [])
  }
}
