// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

/// The tokenizers and strings of `Tests/Golden/Tokenizers/Unigram/make_unigram.py`.
enum UnigramGolden {
  static let modelPath = Golden.path("Tokenizers/Unigram/tiny.model")

  static func document() throws -> JSONField {
    try InputFile.json(of: Golden.path("Tokenizers/Unigram/golden.json.gz"))
  }

  static func tokenizers() throws -> [Tokenizer] {
    try document().array(at: "documents").map { try Tokenizer(tokenizerJSON: $0.serialized()) }
  }
}

@Suite("Unigram tokenizers give what the tokenizers package gives")
struct UnigramGoldenTests {
  @Test("2,242 hard strings have the same ids and offsets in eight pipelines")
  func texts() throws {
    let tokenizers = try UnigramGolden.tokenizers()
    let rows = try UnigramGolden.document().array(at: "texts")
    #expect(tokenizers.count == 8 && rows.count == 2242)
    for row in rows {
      let values = row.arrayValue ?? []
      let pipeline = try #require(values[0].integerValue)
      let text = try #require(values[1].stringValue)
      let encoding = tokenizers[pipeline].encode(text)
      #expect(
        encoding.ids == WordPieceGolden.ids(values[2]), "pipeline \(pipeline): \(text.debug)")
      let offsets = encoding.offsets.flatMap { [Int32($0.lowerBound), Int32($0.upperBound)] }
      #expect(offsets == WordPieceGolden.ids(values[3]), "pipeline \(pipeline): \(text.debug)")
      #expect(tokenizers[pipeline].encodeIDs(text) == encoding.ids)
    }
  }

  @Test("Ids decode to the same text")
  func decoding() throws {
    let tokenizers = try UnigramGolden.tokenizers()
    for row in try UnigramGolden.document().array(at: "decoded") {
      let values = row.arrayValue ?? []
      let pipeline = try #require(values[0].integerValue)
      let decoded = tokenizers[pipeline].decode(WordPieceGolden.ids(values[1]))
      #expect(decoded.utf8.elementsEqual((values[2].stringValue ?? "").utf8))
    }
  }

  @Test("The normal forms of hard strings are the same")
  func normalForms() throws {
    let forms: [NormalForm] = [.nfc, .nfd, .nfkc, .nfkd]
    for row in try UnigramGolden.document().array(at: "normal") {
      let texts = (row.arrayValue ?? []).compactMap(\.stringValue)
      for (form, expected) in zip(forms, texts.dropFirst()) {
        let found = Normalizer.form(form).normalize(texts[0])
        #expect(found.utf8.elementsEqual(expected.utf8), "\(form): \(texts[0].debug)")
      }
    }
  }

  @Test("Every pipeline keeps what loading and saving promise")
  func saving() throws {
    for tokenizer in try UnigramGolden.tokenizers() {
      let folder = try TemporaryFolder()
      try tokenizer.save(to: folder.path)
      #expect(try Tokenizer(contentsOf: folder.path) == tokenizer)
      for text in TokenizerContract.hardTexts {
        #expect(tokenizer.encode(text).ids == tokenizer.encodeIDs(text))
      }
    }
  }

  @Test("A letter a million times is encoded in less than two seconds", arguments: [true, false])
  func longWord(cuts: Bool) throws {
    let clock = ContinuousClock()
    for tokenizer in try UnigramGolden.tokenizers().prefix(2) {
      let text = String(repeating: cuts ? "a" : "é", count: 1_000_000)
      let time = clock.measure { #expect(!tokenizer.encodeIDs(text).isEmpty) }
      #expect(time < .seconds(2))
    }
  }
}

extension String {
  /// The scalars, for messages about texts that cannot be seen.
  var debug: String { unicodeScalars.map { $0.escaped(asASCII: true) }.joined() }
}
