// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import TestSupport
import Testing

@Suite("Files of word vectors")
struct WordVectorReaderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ text: String) throws -> (words: [WordVector], reader: WordVectorReader) {
    let reader = try WordVectorReader(path: folder.write(text, to: "vectors.txt"))
    var words: [WordVector] = []
    while let word = try reader.next() { words.append(word) }
    return (words, reader)
  }

  @Test(
    "GloVe and word2vec hold the same: with or without a first line of counts, with spaces at the ends",
    arguments: [
      "the 0.5 -1.25e-1 3\nof 1 2 3\n", "2 3\nthe 0.5 -1.25e-1 3 \nof 1 2 3 \n",
      "the\t0.5\t-.125\t3.\r\nof\t1\t2\t3",
    ])
  func formats(text: String) throws {
    let (words, reader) = try read(text)
    #expect(reader.dimension == 3 && reader.wordCount == 2 && reader.repeatedCount == 0)
    #expect(words.map(\.word) == ["the", "of"])
    #expect(words.map(\.vector) == [[0.5, -0.125, 3], [1, 2, 3]])
  }

  @Test("Words may hold spaces and be numbers, and repeated ones are counted and left out")
  func oddWords() throws {
    let (words, reader) = try read("a 1 2\n. . . 3 4\n7 5 6\na 8 9\ncafe\u{301} 1 1\ncafé 2 2\n")
    #expect(
      words.map(\.word).map { Array($0.utf8) }
        == ["a", ". . .", "7", "cafe\u{301}", "café"].map { Array($0.utf8) })
    #expect(words[0].vector == [1, 2] && words[2].vector == [5, 6])
    #expect(reader.repeatedCount == 1 && reader.wordCount == 6)
  }

  @Test(
    "Numbers are read to the last bit",
    arguments: [
      "0.1", "-0.049999999", "123456789.0123456", "3.4028235e38", "1e-45", "0", "-0.0",
      "0.30000001192092896", "16777217", "9007199254740993",
    ])
  func numbers(text: String) throws {
    let (words, _) = try read("x \(text)\n")
    // The standard library rounds once, from the digits.
    #expect(words[0].vector[0].bitPattern == Float(text)?.bitPattern)
  }

  @Test(
    "What is malformed says where",
    arguments: [
      ("", 1, WordVectorError.Problem.empty),
      ("word\n", 1, .dimension(0)),
      ("\na 1 2\n", 1, .dimension(0)),
      ("3 0\n", 1, .dimension(0)),
      ("a 1 2\nb 1\n", 2, .numbers(expected: 2, found: 1)),
      ("a 1 2\n\nb 1 2\n", 2, .numbers(expected: 2, found: 0)),
      ("a 1 2\nb 1 x\n", 2, .noNumber("x")),
      ("a 1 nan\n", 1, .noNumber("nan")),
      ("a 1 1e99\n", 1, .noNumber("1e99")),
      ("a 1 0x1\n", 1, .noNumber("0x1")),
      ("3 2\na 1 2\n", nil, .cut(announced: 3, found: 1)),
    ] as [(String, Int?, WordVectorError.Problem)])
  func malformed(text: String, line: Int?, problem: WordVectorError.Problem) throws {
    let error = try #require(throws: WordVectorError.self) { try read(text) }
    #expect(error.problem == problem && error.line == line && error.exitCode == .data)
    #expect(error.description.contains("vectors.txt"))
  }

  @Test("Bytes that are no text are refused")
  func bytes() throws {
    let path = try folder.write([0x61, 0xFF, 0x20, 0x31, 0x0A], to: "binary")
    #expect(throws: DataFileError.self) { try WordVectorReader(path: path) }
  }
}
