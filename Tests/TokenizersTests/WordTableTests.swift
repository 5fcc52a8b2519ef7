// SPDX-License-Identifier: Apache-2.0

import AttuneTokenizers
import Testing

@Suite("Tables of words")
struct WordTableTests {
  @Test("Pieces that continue a word of WordPiece are known, and special tokens are told apart")
  func wordPiece() throws {
    let names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b", ".", "?", "#", "##c"]
    let tokenizer = try Tokenizer(wordPiece: Vocabulary(names))
    #expect(tokenizer.specialTokenTable == names.map { $0.hasPrefix("[") })
    #expect(tokenizer.wordContinuationTable == names.map { ["##b", "##c"].contains($0) })
    #expect(tokenizer.sentenceEndIDs == [7, 8])
  }
}
