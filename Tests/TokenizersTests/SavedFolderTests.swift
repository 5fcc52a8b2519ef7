// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTokenizers
import TestSupport
import Testing

@Suite("Saved tokenizers")
struct SavedFolderTests {
  @Test("The files are, byte for byte, those that transformers opened as a BertTokenizer")
  func bytes() throws {
    let golden = try InputFile.json(of: Golden.path("Tokenizers/saved.json"))
    let tokenizer = try Tokenizer(contentsOf: WordPieceGolden.tokenizerPath)
    let folder = try TemporaryFolder()
    try tokenizer.save(to: folder.path, maximumLength: 128)
    let hashes = try golden.object(at: "hashes")
    #expect(try FileSystem.entries(of: folder.path) == hashes.keys)
    for (name, hash) in hashes.members.map({ ($0.key, $0.value) }) {
      let found = try SHA256.hash(file: folder.path(name)).description
      #expect(found == hash.stringValue, "\(name)")
    }
    let special = [
      tokenizer.padID, tokenizer.unknownID, tokenizer.classificationID, tokenizer.separatorID,
      tokenizer.maskID,
    ]
    #expect(special == WordPieceGolden.ids(.array(try golden.array(at: "special"))))
    for row in try golden.fields(at: "texts") {
      let values = try row.array()
      let text = try #require(values[0].stringValue)
      #expect(tokenizer.encodeIDs(text) == WordPieceGolden.ids(values[1]))
    }
  }

  @Test("The vocabulary file alone gives the same tokenizer, and the length is kept")
  func vocabularyAlone() throws {
    let tokenizer = try Tokenizer(contentsOf: WordPieceGolden.tokenizerPath)
    let folder = try TemporaryFolder()
    try tokenizer.save(to: folder.path, maximumLength: 128)
    let whole = try Tokenizer(contentsOf: folder.path)
    try FileSystem.remove(folder.path("tokenizer.json"))
    #expect(try Tokenizer(contentsOf: folder.path) == whole)
    #expect(whole.maximumLength == 128)
  }

  @Test("A token with a line break cannot be saved")
  func lineBreak() throws {
    let vocabulary = Vocabulary(["[UNK]", "[CLS]", "[SEP]", "a\nb"])
    let tokenizer = try Tokenizer(wordPiece: vocabulary)
    #expect(throws: TokenizerError.lineBreakInToken(id: 3)) { try tokenizer.files() }
  }
}
