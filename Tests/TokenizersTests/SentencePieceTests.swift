// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

@Suite("Models of SentencePiece")
struct SentencePieceTests {
  @Test("Texts have the ids that the sentencepiece package gives")
  func ids() throws {
    let tokenizer = try Tokenizer(contentsOf: UnigramGolden.modelPath)
    for row in try UnigramGolden.document().array(at: "sentencepiece") {
      let values = row.arrayValue ?? []
      let text = try #require(values[0].stringValue)
      #expect(tokenizer.encodeIDs(text) == WordPieceGolden.ids(values[1]), "\(text.debug)")
    }
  }

  @Test("The tokenizer of a model is saved as a tokenizer.json that gives the same")
  func saving() throws {
    let tokenizer = try Tokenizer(contentsOf: UnigramGolden.modelPath)
    let folder = try TemporaryFolder()
    try tokenizer.save(to: folder.path)
    let again = try Tokenizer(contentsOf: folder.path)
    #expect(again == tokenizer)
    #expect(again.unknownID == 0 && again.classificationID == 1 && again.separatorID == 2)
  }

  /// A model in a folder whose configuration names a class of transformers.
  private func tokenizer(of name: String, in folder: TemporaryFolder) throws -> Tokenizer {
    let path = folder.path(name)
    let bytes = try InputFile.bytes(of: UnigramGolden.modelPath)
    try folder.write(bytes, to: "\(name)/sentencepiece.bpe.model")
    try folder.write(
      "{\"tokenizer_class\": \"\(name)\"}", to: "\(name)/tokenizer_config.json")
    return try Tokenizer(contentsOf: path)
  }

  @Test(
    "In a folder of a family the ids are those that its class in transformers gives",
    arguments: ["XLMRobertaTokenizer", "CamembertTokenizer"])
  func families(name: String) throws {
    let folder = try TemporaryFolder()
    let tokenizer = try tokenizer(of: name, in: folder)
    let golden = try InputFile.json(of: Golden.path("Tokenizers/Unigram/classes.json"))
      .field(at: name)
    let texts = try golden.array(at: "texts")
    #expect(texts.count == 60)
    for row in texts {
      let values = row.arrayValue ?? []
      let text = try #require(values[0].stringValue)
      #expect(tokenizer.encodeIDs(text) == WordPieceGolden.ids(values[1]), "\(text.debug)")
    }
    for row in try golden.array(at: "pairs") {
      let values = row.arrayValue ?? []
      let pair = values.prefix(2).compactMap(\.stringValue)
      let ids = tokenizer.encode(pair[0], pair: pair[1]).ids
      #expect(ids == WordPieceGolden.ids(values[2]), "\(pair)")
    }
    let parts = [
      ("pad", tokenizer.padID), ("unk", tokenizer.unknownID),
      ("cls", tokenizer.classificationID), ("sep", tokenizer.separatorID),
      ("mask", tokenizer.maskID),
    ]
    for (part, id) in parts {
      #expect(try golden.integer(at: "parts", part) == id.map { Int($0) }, "\(part)")
    }
    #expect(try tokenizer.vocabularySize == golden.integer(at: "size"))
    #expect(try self.tokenizer(of: name + "Fast", in: folder) == tokenizer)
  }

  @Test("A class whose way of numbering is not known is refused with those that are")
  func unknownClass() throws {
    let folder = try TemporaryFolder()
    let error = try #require(throws: TokenizerError.self) {
      try tokenizer(of: "PegasusTokenizer", in: folder)
    }
    #expect(error.description.contains("XLMRobertaTokenizer, CamembertTokenizer"), "\(error)")
  }

  @Test("Damaged models are refused or read, never more")
  func damage() throws {
    let bytes = try InputFile.bytes(of: UnigramGolden.modelPath)
    var generator = SplitMix(seed: 11)
    let folder = try TemporaryFolder()
    var refused = 0
    for index in 0..<60 {
      let damaged = mutated(bytes, favouring: [0, 0xFF, 0x80, 0x0A, 0x1A], with: &generator)
      let path = folder.path("\(index).model")
      try AtomicFile.write(damaged, to: path)
      do {
        _ = try Tokenizer(contentsOf: path).encodeIDs("A café — ok")
      } catch is ProtobufError {
        refused += 1
      } catch is TokenizerError {
        refused += 1
      }
    }
    #expect(refused > 10)
  }
}
