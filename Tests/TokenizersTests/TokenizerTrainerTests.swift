// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import Dispatch
import TestSupport
import Testing

@testable import AttuneTokenizers

/// What the trainers of the tokenizers package learn: `Tests/Golden/Tokenizers/make_trained.py`.
private enum TrainedGolden {
  static func document() throws -> JSONField {
    try InputFile.json(of: Golden.path("Tokenizers/trained.json"))
  }

  static func texts() throws -> [String] {
    try WordPieceGolden.document().fields(at: "texts").prefix(500).map {
      try $0.array()[1].stringValue ?? ""
    }
  }
}

/// Work on all threads of the machine, in no order.
private struct ConcurrentWork: WorkSharing {
  var threadCount: Int { 3 }

  func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    DispatchQueue.concurrentPerform(iterations: count, execute: body)
  }
}

@Suite("Training of tokenizers")
struct TokenizerTrainerTests {
  private static let all: [TokenizerTrainer] = [
    .wordPiece(WordPieceTrainer(vocabularySize: 600)), .bpe(BPETrainer(vocabularySize: 600)),
    .bpe(BPETrainer(vocabularySize: 600, alphabet: .characters)),
    .unigram(UnigramTrainer(vocabularySize: 600)),
  ]

  private func train(
    _ trainer: TokenizerTrainer, _ texts: [String], heldOutShare: Double = 0,
    _ work: some WorkSharing = SerialWork()
  ) throws -> TrainedTokenizer {
    var texts = texts.makeIterator()
    return try trainer.train(heldOutShare: heldOutShare, sharing: work) { texts.next() }
  }

  @Test("Byte pairs have the tokens and merges of the tokenizers package, ties included")
  func pairs() throws {
    let runs = try TrainedGolden.document().fields(at: "pairs")
    #expect(runs.count == 6)
    for run in runs {
      let own = try run.has("texts") ? try run.strings(at: "texts") : TrainedGolden.texts()
      let alphabet = try #require(BPETrainer.Alphabet(rawValue: try run.string(at: "alphabet")))
      let tokenizer = try BPETrainer(
        vocabularySize: try run.integer(at: "size"),
        minimumFrequency: try run.integer(at: "least"), alphabet: alphabet
      ).train(on: own)
      let vocabulary = tokenizer.model.vocabulary
      #expect(
        try vocabulary.indices.map { vocabulary.token(of: $0) } == run.strings(at: "tokens"))
      guard case .bpe(let model) = tokenizer.model else { return #expect(Bool(false)) }
      let expected = try run.fields(at: "merges").map { try $0.strings() }
      #expect(
        model.merges.map { [$0.left, $0.right].compactMap { vocabulary.token(of: $0) } }
          == expected, "\(alphabet), \(vocabulary.count) tokens")
    }
  }

  @Test("WordPiece and Unigram need at most 1 % more tokens on other texts than the package's")
  func quality() throws {
    let texts = try TrainedGolden.texts()
    let expected = try TrainedGolden.document().field(at: "tokens")
    for (name, trainer) in [("wordpiece", Self.all[0]), ("unigram", Self.all[3])] {
      let tokenizer = try train(trainer, Array(texts[..<450])).tokenizer
      var held = texts[450...].makeIterator()
      let fit = trainer.fit(of: tokenizer) { held.next() }
      let counted = texts[450...].reduce(0) {
        $0 + tokenizer.encode($1).isSpecial.count(where: { !$0 })
      }
      #expect(fit.tokenCount == counted && fit.textCount == 50)
      #expect(try Double(counted) <= 1.01 * Double(expected.integer(at: name)), "\(name)")
    }
  }

  @Test("Neither the order of the texts nor the threads matter", arguments: 0..<4)
  func determinism(index: Int) throws {
    let trainer = Self.all[index]
    let texts = try TrainedGolden.texts()
    let one = try train(trainer, texts, heldOutShare: 0.1)
    for again in [
      try train(trainer, texts.reversed(), heldOutShare: 0.1),
      try train(trainer, texts, heldOutShare: 0.1, ConcurrentWork()),
    ] {
      #expect(again.tokenizer == one.tokenizer && again.fit == one.fit)
      #expect(again.distinctWordCount == one.distinctWordCount)
    }
    let fit = try #require(one.fit)
    #expect(fit.textCount + one.textCount == 500 && 30...70 ~= fit.textCount)
    #expect(fit.tokensPerWord > 1 && fit.bytesPerToken > 1)
  }

  @Test("A trained tokenizer keeps the contract", arguments: 0..<4)
  func contract(index: Int) throws {
    let texts = try TrainedGolden.texts() + TokenizerContract.hardTexts
    let tokenizer = try train(Self.all[index], texts).tokenizer
    // The mark of a lone space is the one that decoding leaves out.
    let asked = TokenizerContract.hardTexts.filter { index < 2 || $0 != " " }
    #expect(try TokenizerContract.violations(of: tokenizer, on: asked) == [])
    #expect(tokenizer.vocabularySize == 600 && tokenizer.maskID == 4)
    #expect(tokenizer.padID != nil && tokenizer.classificationID != nil)
  }

  @Test("Bytes write every text back, and know every one")
  func bytes() throws {
    let tokenizer = try BPETrainer(vocabularySize: 400).train(on: TrainedGolden.texts())
    for text in ["Où est le café ?", "日本語 👍🏽", " two  spaces\n"] {
      let ids = tokenizer.encodeIDs(text)
      #expect(ids.first == 0 && ids.last == 2 && !ids.contains(3))
      #expect(tokenizer.decode(ids) == text)
    }
  }

  @Test("Letters become lowercase and lose their accents where that is asked for")
  func letters() throws {
    let texts = ["Été ÉTÉ été", "ete Ete"]
    for alphabet in BPETrainer.Alphabet.allCases {
      let trainer = BPETrainer(
        vocabularySize: 280, minimumFrequency: 2, alphabet: alphabet, lowercases: true,
        stripsAccents: true)
      let tokenizer = try trainer.train(on: texts)
      #expect(tokenizer.encodeIDs("Été") == tokenizer.encodeIDs("ete"))
    }
    let unigram = try UnigramTrainer(vocabularySize: 20, lowercases: true, stripsAccents: true)
      .train(on: texts)
    #expect(unigram.encodeIDs("ÉTÉ ete").filter { $0 > 4 }.count == 2)
  }

  @Test("Pieces of several kinds of characters are learned unless they are to be kept apart")
  func kinds() throws {
    let texts = (0..<40).map { "yes, no. \($0 % 3)th" }
    func mixed(_ trainer: UnigramTrainer) throws -> Int {
      let vocabulary = try trainer.train(on: texts).model.vocabulary
      return vocabulary.indices.dropFirst(5).count { id in
        let token = (vocabulary.token(of: id) ?? "").drop { $0 == "▁" }
        return token.contains(where: \.isLetter) && !token.allSatisfy(\.isLetter)
      }
    }
    #expect(try mixed(UnigramTrainer(vocabularySize: 30)) > 0)
    #expect(try mixed(UnigramTrainer(vocabularySize: 30, separatesKinds: true)) == 0)
  }

  @Test("A text without spaces is learned from in parts")
  func longWords() throws {
    let cutter = WordCutter(normalizer: nil, preTokenizer: .whitespaceSplit)
    var counter = WordCounter(cutter)
    counter.count(String(repeating: "é", count: 3_000) + " a")
    var lengths: [Int: Int] = [:]
    counter.forEachWord { word, count in lengths[word.count] = count }
    // The 6,000 bytes of the long one, and the other.
    #expect(lengths == [1_024: 5, 880: 1, 1: 1])
    var limited = WordCounter(
      WordCutter(normalizer: nil, preTokenizer: .whitespaceSplit, longestWord: 3))
    limited.count("ééé abcd abc")
    #expect(limited.counts.count == 2)
  }

  @Test("Settings that cannot work are refused")
  func refusals() {
    func error(_ trainer: TokenizerTrainer, _ texts: [String] = ["ab ab"]) -> TokenizerError? {
      #expect(throws: TokenizerError.self) { try train(trainer, texts) }
    }
    #expect(error(.unigram(UnigramTrainer()), ["", "\u{1}"]) == .noWords(texts: 2))
    #expect(
      error(.bpe(BPETrainer(vocabularySize: 200)))
        == .vocabularyTooSmall(size: 200, special: 5, characters: 256))
    #expect(
      error(.bpe(BPETrainer(alphabet: .characters, specialTokens: ["<s>"])))
        == .invalidSpecialTokens(["<s>"], problem: "'<unk>' is missing"))
    #expect(error(.unigram(UnigramTrainer(vocabularySize: 3))) != nil)
    #expect(error(.unigram(UnigramTrainer(specialTokens: ["<unk>", "<unk>"]))) != nil)
    #expect(error(.bpe(BPETrainer(minimumFrequency: 0))) != nil)
  }
}

@Suite("Parts of words that stand in them more than once")
struct SubstringCounterTests {
  /// All parts of two characters and more, counted one by one; of those that are always followed by the same
  /// character only the longest.
  private func expected(_ words: [String: Int], longest: Int) -> [String: Double] {
    var counts: [String: Double] = [:]
    var followers: [String: Set<String>] = [:]
    for (word, count) in words {
      let letters = Array(word.unicodeScalars)
      for start in letters.indices {
        for end in start + 1...letters.count where end - start <= longest {
          let part = String(String.UnicodeScalarView(letters[start..<end]))
          counts[part, default: 0] += Double(count)
          // The longest parts end here, whatever follows.
          let isLast = end == letters.count || end - start == longest
          followers[part, default: []].insert(isLast ? "end" : String(letters[end]))
        }
      }
    }
    return counts.filter { part, count in
      let isBranch = followers[part].map { $0.count > 1 || $0.contains("end") } ?? false
      return count > 1 && part.unicodeScalars.count > 1 && isBranch
    }
  }

  @Test("They are those found by looking at all", arguments: [3, 16])
  func all(longest: Int) {
    let words = [
      "abcab": 1, "bcabx": 2, "aaaa": 3, "été": 1, "tété": 4, "日本日本": 1, "x": 9, "ab": 1,
      "abc": 1, "🙂🙂a": 2, "wonderful": 5,
    ]
    var counter = WordCounter(WordCutter(normalizer: nil, preTokenizer: .whitespaceSplit))
    for (word, count) in words {
      counter.count(Array(repeating: word, count: count).joined(separator: " "))
    }
    let corpus = UnigramCorpus(counter)
    var found: [String: Double] = [:]
    for part in SubstringCounter(corpus, longestInScalars: longest).substrings(
      sharing: SerialWork())
    {
      let text = String(
        decoding: corpus.bytes[part.start..<part.start + part.length], as: UTF8.self)
      #expect(found.updateValue(part.count, forKey: text) == nil, "\(text) twice")
    }
    #expect(found == expected(words, longest: longest))
  }
}
