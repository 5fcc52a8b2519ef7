// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

@Suite("Normalizers that write bytes give what the tokenizers package gives")
struct ByteLevelNormalizerTests {
  private func document() throws -> JSONField {
    try InputFile.json(of: Golden.path("Tokenizers/byte_level.json"))
  }

  private func tokenizers() throws -> [Tokenizer] {
    let golden = try document()
    return try golden.fields(at: "settings").map { rest in
      var file = JSONObject([
        ("version", "1.0"), ("model", .object(try golden.object(at: "model"))),
      ])
      for member in try rest.object().members { file[member.key] = member.value }
      return try Tokenizer(tokenizerJSON: JSONValue.object(file).serialized())
    }
  }

  @Test("588 hard strings have the same ids and offsets under 4 settings")
  func texts() throws {
    let tokenizers = try tokenizers()
    let rows = try document().fields(at: "texts")
    #expect(tokenizers.count == 4 && rows.count == 588)
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
    let tokenizers = try tokenizers()
    for row in try document().fields(at: "decoded") {
      let values = try row.array()
      let tokenizer = tokenizers[try #require(values[0].integerValue)]
      #expect(tokenizer.decode(WordPieceGolden.ids(values[1])) == values[2].stringValue)
    }
  }

  @Test("A file that was read is written again")
  func roundTrips() throws {
    for tokenizer in try tokenizers() {
      let folder = try TemporaryFolder()
      try tokenizer.save(to: folder.path)
      #expect(try Tokenizer(contentsOf: folder.path) == tokenizer)
    }
    #expect(Normalizer.byteLevel.normalize("é a\n") == "Ã©ĠaĊ")
  }
}
