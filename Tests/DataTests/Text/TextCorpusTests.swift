// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import Foundation
import TestSupport
import Testing

@Suite("The texts of a corpus are read")
struct TextCorpusTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func texts(_ paths: [String], column: String? = nil) throws -> [String] {
    let corpus = try TextCorpus(CorpusFiles(paths, column: column))
    var texts: [String] = []
    while let text = try corpus.next() {
      texts.append(text)
      let share = try #require(corpus.share)
      #expect(share >= 0 && share <= 1)
    }
    return texts
  }

  @Test("Lines, tables and objects follow each other, by the names of the files")
  func kinds() throws {
    let paths = [
      try folder.write("one\n\ntwo", to: "a.txt"),
      try folder.write("id,text\n1,\"a, b\"\n2,c\n", to: "b.csv"),
      try folder.write("text\tid\nd \"e\"\t1\n", to: "c.tsv"),
      try folder.write("{\"text\": \"f\\ng\"}\n{\"text\": \"h\"}\n", to: "d.jsonl"),
      try folder.write("last\n", to: "e"),
    ]
    #expect(try texts(paths) == ["one", "", "two", "a, b", "c", "d \"e\"", "f\ng", "h", "last"])
    #expect(try texts([]) == [])
  }

  @Test("A column that is named makes a table of files of no known kind")
  func column() throws {
    let path = try folder.write("review;stars\nfine;3\n", to: "data")
    #expect(try texts([path], column: "review") == ["fine"])
    #expect(try texts([path]) == ["review;stars", "fine;3"])
    #expect(throws: ColumnChoiceError.self) { try texts([path], column: "reviews") }
  }

  @Test("A pipe may be among the files, and is opened once")
  func pipe() throws {
    let first = try folder.write("one\n", to: "a.txt")
    let path = folder.path("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let lines = Data("two\nthree\n".utf8)
    // Waits until the reader has opened the other end; of a pipe that is opened twice the rest is lost.
    Thread { FileHandle(forWritingAtPath: path)?.write(lines) }.start()
    let corpus = try TextCorpus(CorpusFiles([first, path]))
    var texts: [String] = []
    while let text = try corpus.next() { texts.append(text) }
    #expect(texts == ["one", "two", "three"] && corpus.share == nil)
  }

  @Test("A file that is not there is missed before the first text is read")
  func missing() throws {
    let path = try folder.write("one\n", to: "a.txt")
    #expect(throws: FileError.self) {
      try TextCorpus(CorpusFiles([path, folder.path("none.txt")]))
    }
  }
}
