// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

/// The tokenizer and the strings of `Tests/Golden/Tokenizers/make_golden.py`.
enum WordPieceGolden {
  static let tokenizerPath = Golden.path("Tokenizers/tokenizer.json")

  static func document() throws -> JSONField {
    try InputFile.json(of: Golden.path("Tokenizers/golden.json"))
  }

  /// Returns the tokenizer with each normalizer of the golden file; the last has more added tokens.
  static func tokenizers() throws -> [Tokenizer] {
    let golden = try document()
    let normalizers = try golden.array(at: "normalizers")
    return try normalizers.enumerated().map { index, normalizer in
      var base = try InputFile.json(of: tokenizerPath).object()
      base["normalizer"] = normalizer
      if index == normalizers.count - 1 {
        base["added_tokens"] = .array(
          try base.array(at: "added_tokens") + golden.array(at: "added"))
      }
      return try Tokenizer(tokenizerJSON: JSONValue.object(base).serialized())
    }
  }

  static func ids(_ value: JSONValue) -> [Int32] {
    (value.arrayValue ?? []).compactMap(\.integerValue).map(Int32.init)
  }
}

@Suite("WordPiece tokenizers give what the tokenizers package gives")
struct GoldenTests {
  @Test("2,160 hard strings have the same ids and offsets under five settings")
  func texts() throws {
    let tokenizers = try WordPieceGolden.tokenizers()
    let rows = try WordPieceGolden.document().fields(at: "texts")
    #expect(rows.count == 2160)
    for row in rows {
      let values = try row.array()
      let settings = try #require(values[0].integerValue)
      let text = try #require(values[1].stringValue)
      let encoding = tokenizers[settings].encode(text)
      #expect(encoding.ids == WordPieceGolden.ids(values[2]), "settings \(settings): '\(text)'")
      let offsets = encoding.offsets.flatMap { [Int32($0.lowerBound), Int32($0.upperBound)] }
      #expect(offsets == WordPieceGolden.ids(values[3]), "settings \(settings): '\(text)'")
      #expect(tokenizers[settings].encodeIDs(text) == encoding.ids)
    }
  }

  @Test("Ids decode to the same text")
  func decoding() throws {
    let tokenizer = try Tokenizer(contentsOf: WordPieceGolden.tokenizerPath)
    for row in try WordPieceGolden.document().fields(at: "decoded") {
      let values = try row.array()
      let ids = WordPieceGolden.ids(values[0])
      let (text, whole) = (
        tokenizer.decode(ids), tokenizer.decode(ids, skipsSpecialTokens: false)
      )
      #expect(text == values[1].stringValue && whole == values[2].stringValue)
    }
  }

  @Test("Tokens of any kind are joined to the same text")
  func joining() throws {
    for row in try WordPieceGolden.document().fields(at: "joined") {
      let values = try row.array()
      let tokens = try #require(values[0].arrayValue).compactMap(\.stringValue)
      #expect(TokenDecoder.wordPiece(WordPieceDecoder()).decode(tokens) == values[1].stringValue)
    }
  }

  @Test("Pairs are joined and cut at the same places")
  func pairs() throws {
    let tokenizer = try Tokenizer(contentsOf: WordPieceGolden.tokenizerPath)
    for row in try WordPieceGolden.document().fields(at: "pairs") {
      let values = try row.array()
      let first = try #require(values[0].stringValue)
      let encoding = tokenizer.encode(
        first, pair: values[1].stringValue, maximumLength: values[2].integerValue)
      #expect(encoding.ids == WordPieceGolden.ids(values[3]), "\(values)")
      #expect(encoding.segments.map(Int32.init) == WordPieceGolden.ids(values[4]))
      #expect(encoding.isSpecial.map { $0 ? 1 : 0 } == WordPieceGolden.ids(values[5]))
    }
  }

  @Test("Every setting keeps the contract of tokenizers")
  func contract() throws {
    for tokenizer in try WordPieceGolden.tokenizers() {
      #expect(try TokenizerContract.violations(of: tokenizer) == [])
    }
  }
}
