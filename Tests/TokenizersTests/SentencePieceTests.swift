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

  @Test("In a folder of XLM-R the ids are those of its vocabulary")
  func family() throws {
    let folder = try TemporaryFolder()
    let bytes = try InputFile.bytes(of: UnigramGolden.modelPath)
    try AtomicFile.write(bytes, to: folder.path("sentencepiece.bpe.model"))
    try AtomicFile.write(
      Array(#"{"tokenizer_class": "XLMRobertaTokenizerFast"}"#.utf8),
      to: folder.path("tokenizer_config.json"))
    let tokenizer = try Tokenizer(contentsOf: folder.path)
    let plain = try Tokenizer(contentsOf: UnigramGolden.modelPath)
    // Four tokens stand where the model has three, so every other piece moves by one.
    #expect(
      tokenizer.encodeIDs("a good film") == [0] + plain.encodeIDs("a good film").map { $0 + 1 } + [
        2
      ]
    )
    #expect(tokenizer.maskID == Int32(plain.vocabularySize + 1))
    try AtomicFile.write(
      Array(#"{"tokenizer_class": "PegasusTokenizer"}"#.utf8),
      to: folder.path("tokenizer_config.json"))
    #expect(throws: TokenizerError.self) { try Tokenizer(contentsOf: folder.path) }
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
