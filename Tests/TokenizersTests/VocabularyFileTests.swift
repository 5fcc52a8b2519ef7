// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@testable import AttuneTokenizers

@Suite("Tokenizer folders and vocab.txt")
struct VocabularyFileTests {
  static let sound = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\né\n"

  @Test("A vocab.txt alone gives a BERT tokenizer in lowercase")
  func vocabularyAlone() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.sound, to: "vocab.txt")
    for place in [folder.path, path] {
      let tokenizer = try Tokenizer(contentsOf: place)
      #expect(tokenizer.encodeIDs("AB é", pair: "a[MASK]") == [2, 5, 6, 1, 3, 5, 4, 3])
      #expect(tokenizer.padID == 0 && tokenizer.unknownID == 1 && tokenizer.maskID == 4)
      #expect(tokenizer.classificationID == 2 && tokenizer.separatorID == 3)
    }
  }

  @Test("CR LF and a missing last line end change nothing")
  func lineEnds() throws {
    let folder = try TemporaryFolder()
    let first = try folder.write(Self.sound, to: "a.txt")
    let second = try folder.write(Self.sound.replacing("\n", with: "\r\n"), to: "b.txt")
    let third = try folder.write(String(Self.sound.dropLast()), to: "c.txt")
    let tokenizers = try [first, second, third].map { try Tokenizer(contentsOf: $0) }
    #expect(tokenizers[0] == tokenizers[1] && tokenizers[0] == tokenizers[2])
  }

  @Test("tokenizer_config.json sets case, accents, length and names of special tokens")
  func configuration() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.sound.replacing("[UNK]", with: "<unk>"), to: "vocab.txt")
    try folder.write(
      """
      {"do_lower_case": false, "strip_accents": null, "model_max_length": 64, "anything": [],
       "unk_token": {"content": "<unk>", "lstrip": false}}
      """, to: "tokenizer_config.json")
    let tokenizer = try Tokenizer(contentsOf: folder.path)
    #expect(tokenizer.encodeIDs("A é a") == [2, 1, 7, 5, 3])
    #expect(tokenizer.maximumLength == 64 && tokenizer.specialTokens.unknown == "<unk>")
    try folder.write("{\"do_lower_case\": \"no\"}", to: "tokenizer_config.json")
    #expect(throws: JSONFieldError.self) { try Tokenizer(contentsOf: folder.path) }
    try folder.write(
      "{\"model_max_length\": 1000000000000000019884624838656}", to: "tokenizer_config.json")
    try folder.write(Self.sound, to: "vocab.txt")
    #expect(try Tokenizer(contentsOf: folder.path).maximumLength == nil)
  }

  static let refusals: [(bytes: [UInt8], error: TokenizerError)] = [
    (
      Array((sound + "a\n").utf8),
      .duplicateToken(file: "v.txt", line: 9, firstLine: 6, token: "a")
    ),
    (Array(("\n" + sound).utf8), .emptyToken(file: "v.txt", line: 1)),
    (Array(("\u{FEFF}" + sound).utf8), .byteOrderMark(file: "v.txt")),
    (Array(sound.utf8) + [0x0A, 0x80], .invalidUTF8(file: "v.txt", line: 10)),
    (Array("[UNK]\n[CLS]\n".utf8), .missingToken(file: "v.txt", token: "[SEP]", count: 2)),
    ([], .missingToken(file: "v.txt", token: "[UNK]", count: 0)),
    (
      Array(sound.utf8) + [UInt8](repeating: 0x61, count: 5000),
      .tokenTooLong(file: "v.txt", line: 9, bytes: 5000, limit: 4096)
    ),
  ]

  @Test("A malformed vocab.txt is refused with its line", arguments: refusals.indices)
  func refusal(index: Int) throws {
    let (bytes, expected) = Self.refusals[index]
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "v.txt")
    let error = #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: path) }
    let named = try #require(error).description
    #expect(named == expected.description.replacing("v.txt", with: path))
    #expect(error?.exitCode == .data)
  }

  @Test("A folder without a tokenizer says what it looked for")
  func emptyFolder() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: folder.path) }
    #expect(
      error?.description
        == "\(folder.path): no tokenizer found. Expected one of: tokenizer.json, vocab.txt, "
        + "vocab.json, spiece.model, sentencepiece.bpe.model.")
    #expect(error?.exitCode == .noInput)
    #expect(throws: FileError.self) { try Tokenizer(contentsOf: folder.path("none.json")) }
  }

  @Test("20,000 damaged vocabularies are read or refused")
  func mutations() {
    var generator = SplitMix(seed: 4)
    let original = Array(Self.sound.utf8)
    for _ in 0..<20_000 {
      let bytes = mutated(original, favouring: Array("\n\r[]#a\u{E9}".utf8), with: &generator)
      do {
        let tokenizer = try Tokenizer(
          vocabularyText: bytes, source: "v.txt", TokenizerConfiguration())
        #expect(tokenizer.encode("AB[MASK]").ids.first == tokenizer.classificationID)
      } catch {
        #expect(error is any AttuneError)
      }
    }
  }
}
