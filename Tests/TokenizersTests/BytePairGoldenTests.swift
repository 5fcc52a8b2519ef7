// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

/// The tokenizers and the strings of `Tests/Golden/Tokenizers/make_pairs.py`.
enum BytePairGolden {
  static func document() throws -> JSONField {
    try InputFile.json(of: Golden.path("Tokenizers/pairs.json"))
  }

  /// Returns the files of all settings.
  static func files() throws -> [JSONObject] {
    let golden = try document()
    return try golden.fields(at: "settings").map { field in
      let parts = try field.fields()
      var model = try golden.object(at: "bases", parts[0].string())
      for member in try parts[1].object().members { model[member.key] = member.value }
      var file = JSONObject([("version", "1.0"), ("model", .object(model))])
      for member in try parts[2].object().members { file[member.key] = member.value }
      return file
    }
  }

  static func tokenizers() throws -> [Tokenizer] {
    try files().map { try Tokenizer(tokenizerJSON: JSONValue.object($0).serialized()) }
  }
}

@Suite("Byte-pair tokenizers give what the tokenizers package gives")
struct BytePairGoldenTests {
  @Test("1,401 hard strings have the same ids and offsets under 16 settings")
  func texts() throws {
    let tokenizers = try BytePairGolden.tokenizers()
    let rows = try BytePairGolden.document().fields(at: "texts")
    #expect(rows.count == 1401 && tokenizers.count == 16)
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
    let tokenizers = try BytePairGolden.tokenizers()
    for row in try BytePairGolden.document().fields(at: "decoded") {
      let values = try row.array()
      let tokenizer = tokenizers[try #require(values[0].integerValue)]
      let ids = WordPieceGolden.ids(values[1])
      #expect(tokenizer.decode(ids) == values[2].stringValue)
      #expect(tokenizer.decode(ids, skipsSpecialTokens: false) == values[3].stringValue)
    }
  }

  @Test("Pairs are joined and cut as the file says")
  func pairs() throws {
    let files = try BytePairGolden.files()
    for row in try BytePairGolden.document().fields(at: "pairs") {
      let values = try row.array()
      var file = files[try #require(values[0].integerValue)]
      file["truncation"] = values[3]
      let tokenizer = try Tokenizer(tokenizerJSON: JSONValue.object(file).serialized())
      let first = try #require(values[1].stringValue)
      let limit = try #require(tokenizer.maximumLength)
      let encoding = tokenizer.encode(first, pair: values[2].stringValue, maximumLength: limit)
      #expect(encoding.ids == WordPieceGolden.ids(values[4]), "\(values)")
      #expect(encoding.segments.map(Int32.init) == WordPieceGolden.ids(values[5]))
      #expect(encoding.isSpecial.map { $0 ? 1 : 0 } == WordPieceGolden.ids(values[6]))
    }
  }

  @Test(
    "Settings that decode without loss keep the contract of tokenizers",
    arguments: [0, 1, 2, 3, 6, 7, 8])
  func contract(settings: Int) throws {
    let tokenizer = try BytePairGolden.tokenizers()[settings]
    #expect(try TokenizerContract.violations(of: tokenizer) == [])
  }
}

@Suite("Byte-pair encoding")
struct BytePairTests {
  private static func model(_ merges: [(String, String)]) -> BPE {
    var tokens = ["a", "b", "c"]
    for (left, right) in merges where !tokens.contains(left + right) {
      tokens.append(left + right)
    }
    let vocabulary = Vocabulary(tokens)
    func id(_ token: String) -> Int32 { vocabulary.id(of: token) ?? -1 }
    return BPE(
      vocabulary: vocabulary,
      merges: merges.map { .init(left: id($0.0), right: id($0.1), result: id($0.0 + $0.1)) },
      settings: BPE.Settings())
  }

  @Test("Long words merge as short ones do: the first merge of the list first, from the left")
  func queue() throws {
    // Merging one pair at a time over the whole word, which is what the method is defined by.
    let merges = [
      ("a", "b"), ("b", "c"), ("a", "a"), ("aa", "a"), ("ab", "ab"), ("c", "a"), ("abab", "c"),
      ("b", "b"), ("aa", "b"), ("aaa", "aa"),
    ]
    let model = Self.model(merges)
    let vocabulary = JSONObject(
      model.vocabulary.indices.map {
        (model.vocabulary.token(of: $0) ?? "", JSONValue.integer(Int($0)))
      })
    let file: JSONValue = [
      "version": "1.0",
      "model": [
        "type": "BPE", "vocab": .object(vocabulary),
        "merges": .array(merges.map { .array([.string($0.0), .string($0.1)]) }),
      ],
    ]
    let tokenizer = try Tokenizer(tokenizerJSON: file.serialized())
    var generator = SplitMix(seed: 7)
    for length in [1, 2, 7, 47, 48, 49, 50, 200, 700] {
      let word = (0..<length).map { _ in
        ["a", "b", "c"][Int(truncatingIfNeeded: generator.next() % 3)]
      }
      var pieces = word
      for (left, right) in merges {
        var index = 0
        while index + 1 < pieces.count {
          if pieces[index] == left, pieces[index + 1] == right {
            pieces[index...index + 1] = [left + right]
          }
          index += 1
        }
      }
      let text = word.joined()
      #expect(tokenizer.encodeIDs(text).compactMap(tokenizer.token) == pieces, "\(text)")
    }
  }

  @Test("A million equal letters take less than two seconds")
  func longWord() throws {
    let tokenizer = try BytePairGolden.tokenizers()[0]
    let clock = ContinuousClock()
    var count = 0
    let time = clock.measure {
      count = tokenizer.encodeIDs(String(repeating: "a", count: 1_000_000)).count
    }
    #expect(count > 1000 && time < .seconds(2), "\(time)")
  }
}
