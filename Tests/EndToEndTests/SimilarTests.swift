// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import TestSupport
import Testing

@Suite("Texts are compared")
struct SimilarTests {
  let program: Program
  let model = Golden.path("Models/Embedders/folder")
  let texts: [String]
  /// Dot products of the golden texts, as sentence-transformers computes them.
  let similarities: [[Double]]

  init() throws {
    program = try Program()
    let golden = try InputFile.json(of: Golden.path("Models/Embedders/vectors.json"))
    texts = try golden.strings(at: "texts")
    similarities = try golden.fields(at: "similarities").map { try $0.doubles() }
  }

  private func similar(_ arguments: [String], input: String = "") throws -> Program.Result {
    let result = try program.run(["similar", "--model", model] + arguments, input: input)
    #expect(result.status == 0, "\(result.error)")
    return result
  }

  @Test("Texts are compared with each other, as a table and as JSON")
  func all() throws {
    let document = JSONField(
      try JSONValue(parsing: Array(similar(["--json"] + texts).output.utf8)))
    #expect(try document.strings(at: "texts") == texts)
    #expect(try document.string(at: "similarity") == "dot")
    let found = try document.fields(at: "similarities").map { try $0.doubles() }
    for (a, b) in zip(found.joined(), similarities.joined()) { #expect(abs(a - b) < 1e-5) }
    let lines = try similar(["-"], input: "good film\nbad film\n").lines
    #expect(lines.count == 2 && lines[0].hasPrefix("good film") && lines[0].contains("1.0000"))
  }

  /// Searches for the first golden text among all.
  private func search(_ more: [String] = []) throws -> [JSONField] {
    let lines = try similar(
      ["--query", texts[0], "--input", "texts.csv", "--top", "3", "--json", "--prompt", "film: "]
        + more
    ).lines
    return try lines.map { JSONField(try JSONValue(parsing: Array($0.utf8))) }
  }

  private func writeTexts() throws {
    let writer = DelimitedWriter()
    try program.folder.write(
      try ([["text"]] + texts.map { [$0] }).flatMap { try writer.row($0) }, to: "texts.csv")
  }

  @Test("A query finds the texts of a file that are most like it, also among stored vectors")
  func queries() throws {
    try writeTexts()
    let best = similarities[0].enumerated().sorted { $0.element > $1.element }.prefix(3)
    _ = try program("embed", "--model", model, "--input", "texts.csv", "--output", "texts.npy")
    for hits in [try search(), try search(["--vectors", "texts.npy"])] {
      #expect(try hits.map { try $0.integer(at: "row") } == best.map(\.offset))
      #expect(try hits.map { try $0.integer(at: "rank") } == [1, 2, 3])
      for (hit, expected) in zip(hits, best) {
        #expect(abs(try hit.double(at: "similarity") - expected.element) < 1e-5)
        #expect(try hit.string(at: "text") == texts[expected.offset])
      }
    }
    let readable = try similar(
      ["--query", "good", "--query", "bad", "--input", "texts.csv", "--top", "2"])
    #expect(readable.lines.count == 6 && readable.lines[0] == "good")
  }

  @Test("Stored vectors that cannot be those of the texts are refused")
  func otherVectors() throws {
    try writeTexts()
    for shape in [[4, 12], [6, 12], [5, 11]] {
      let writer = try NumpyArrayWriter(
        path: program.folder.path("other.npy"), columnCount: shape[1], existing: .replace)
      try writer.append([Float](repeating: 1, count: shape[0] * shape[1]))
      try writer.commit()
      let result = try program(
        "similar", "--model", model, "--query", "a", "--input", "texts.csv", "--vectors",
        "other.npy")
      #expect(result.status == 65 && result.output.isEmpty)
      #expect(result.error.contains("expected \(shape[1] == 11 ? 12 : 5)"), "\(result.error)")
    }
  }

  @Test("The two texts of each row get their similarity, as CSV and as objects")
  func pairs() throws {
    let writer = DelimitedWriter()
    let rows = [["a", "id", "b"]] + texts.indices.map { [texts[0], "\($0)", texts[$0]] }
    try program.folder.write(try rows.flatMap { try writer.row($0) }, to: "pairs.csv")
    let file = ["--input", "pairs.csv", "--text-column", "a", "--text-column", "b"]
    let output = try similar(file).output
    let table = try DelimitedReader(MemoryByteSource(Array(output.utf8), name: "out.csv"))
    #expect(table.columns == ["a", "id", "b", "similarity"])
    var count = 0
    while let row = try table.next() {
      let found = try #require(Double(row[3]))
      #expect(row[2] == texts[count] && abs(found - similarities[0][count]) < 1e-5)
      count += 1
    }
    #expect(count == texts.count)
    let objects = try similar(file + ["--json"]).lines.map {
      try JSONValue(parsing: Array($0.utf8)).object().keys
    }
    #expect(objects == texts.map { _ in ["texts", "similarity"] })
    let single = try program("similar", "--model", model, "--input", "pairs.csv")
    #expect(single.status == 64 && single.error.contains("--text-column"))
  }
}
