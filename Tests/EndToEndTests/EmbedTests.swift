// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import TestSupport
import Testing

@Suite("Texts become vectors")
struct EmbedTests {
  let program: Program
  let model = Golden.path("Models/Embedders/folder")
  /// What sentence-transformers computes for the golden texts.
  let texts: [String]
  let vectors: [[Double]]

  init() throws {
    program = try Program()
    let golden = try InputFile.json(of: Golden.path("Models/Embedders/vectors.json"))
    texts = try golden.strings(at: "texts")
    vectors = try golden.fields(at: "default").map { try $0.doubles() }
  }

  private func embed(_ arguments: [String], input: String = "") throws -> Program.Result {
    let result = try program.run(["embed", "--model", model] + arguments, input: input)
    #expect(result.status == 0, "\(result.error)")
    return result
  }

  private func expect(
    _ found: [[Double]], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(found.map(\.count) == vectors.map(\.count), sourceLocation: sourceLocation)
    for (a, b) in zip(found.joined(), vectors.joined()) {
      #expect(abs(a - b) < 1e-5, sourceLocation: sourceLocation)
    }
  }

  private func table(_ name: String) throws -> Table {
    try Table(path: program.folder.path(name))
  }

  @Test("Arguments give a line of numbers each, or an object")
  func arguments() throws {
    let lines = try embed(texts).lines
    expect(lines.map { $0.split(separator: " ").compactMap { Double($0) } })
    let objects = try embed(["--json"] + texts).lines.map {
      JSONField(try JSONValue(parsing: Array($0.utf8)))
    }
    #expect(try objects.map { try $0.object().keys } == texts.map { _ in ["text", "embedding"] })
    #expect(try objects.map { try $0.string(at: "text") } == texts)
    expect(try objects.map { try $0.doubles(at: "embedding") })
  }

  /// The golden texts as a table with another column.
  private func writeTable() throws {
    let writer = DelimitedWriter()
    let rows = [["id", "text"]] + texts.enumerated().map { ["\($0)", $1] }
    try program.folder.write(try rows.flatMap { try writer.row($0) }, to: "texts.csv")
  }

  @Test("A file becomes an array of numpy, whole or not at all")
  func numpy() throws {
    try writeTable()
    let file = ["--input", "texts.csv", "--output", "vectors.npy"]
    let result = try embed(file)
    #expect(result.output.isEmpty && result.error.contains("1 text is longer than 14 tokens"))
    #expect(result.error.contains("1 text is empty"))
    let array = try NumpyArrayReader(path: program.folder.path("vectors.npy"))
    #expect(array.shape == [5, 12])
    let rows = try (0..<5).map { try array.rows($0..<$0 + 1).map { Double($0) } }
    expect(rows)
    let again = try program.run(["embed", "--model", model] + file)
    #expect(again.status == 73 && again.error.contains("exists already"))
    _ = try embed(file + ["--overwrite"])
    #expect(
      try FileSystem.entries(of: program.folder.path).filter { !$0.hasPrefix(".run") }.count == 2)
  }

  @Test("A table keeps its columns, as CSV and TSV, and JSON lines keep their keys")
  func tables() throws {
    try writeTable()
    for name in ["out.csv", "out.tsv"] {
      _ = try embed(["--input", "texts.csv", "--output", name])
      let rows = try table(name)
      #expect(rows.columns == ["id", "text"] + (0..<12).map { "embedding_\($0)" })
      var found: [[Double]] = []
      while let row = try rows.next() {
        #expect(try row[1] == texts[found.count])
        found.append(try (2..<14).compactMap { Double(try row[$0]) })
      }
      expect(found)
    }
    let lines = texts.enumerated().map { index, text in
      JSONObject([("id", .integer(index)), ("text", .string(text))])
    }
    try program.folder.write(
      try lines.flatMap { try JSONValue.object($0).serialized() + [0x0A] }, to: "texts.jsonl")
    _ = try embed(["--input", "texts.jsonl", "--output", "out.jsonl"])
    let objects = try JSONLinesReader(path: program.folder.path("out.jsonl"))
    var found: [[Double]] = []
    while let object = try objects.next() {
      #expect(object.keys == ["id", "text", "embedding"])
      found.append(try object.doubles(at: "embedding"))
    }
    expect(found)
  }

  @Test("Prompts, length and normalisation are chosen on the command line")
  func options() throws {
    let plain = try embed(["good"]).output
    #expect(try embed(["--prompt-name", "document", "good"]).output == plain)
    #expect(try embed(["--prompt", "film: ", "good"]).output == plain)
    #expect(try embed(["--prompt-name", "query", "good"]).output != plain)
    #expect(try embed(["--prompt", "", "good"]).output != plain)
    let raw = try embed(["--no-normalize", "good"]).lines[0].split(separator: " ")
    let length = raw.compactMap { Double($0) }.reduce(0) { $0 + $1 * $1 }
    #expect(abs(length - 1) > 1e-3)
    #expect(try embed(["--max-length", "5", "good film"]).error.contains("longer than 5 tokens"))
    #expect(try embed(["--batch-tokens", "4", "good"]).output == plain)
  }

  @Test("A trained classifier embeds, and says what it does")
  func classifier() throws {
    let result = try program(
      "embed", "--model", TrainedModel.path, "a lovely film", "an awful story")
    #expect(result.status == 0 && result.error.contains("is a classifier"))
    #expect(result.lines.count == 2 && result.lines[0].split(separator: " ").count == 16)
  }

  @Test(
    "What cannot be done is said before anything is",
    arguments: [
      (["embed", "a"], 64, "--model DIR"),
      (["embed", "a", "--output", "x.txt"], 64, "ends in .npy"),
      (["embed", "--model", "nowhere", "a"], 66, "nowhere"),
      (["embed", "--model", "MODEL", "--prompt-name", "qury", "a"], 64, "Did you mean 'query'?"),
      (["embed", "--model", "MODEL", "--prompt", "a", "--prompt-name", "b", "c"], 64, "not both"),
      (["embed", "--model", "MODEL", "--max-length", "1", "c"], 64, "--max-length is 1"),
      (["embed", "--model", "MODEL", "--input", "nowhere.csv"], 66, "nowhere.csv"),
      (["similar", "--model", "MODEL", "one"], 64, "one text"),
      (["similar", "--model", "MODEL", "--query", "a"], 64, "--input"),
      (["similar", "--model", "MODEL", "a", "b", "--vectors", "x.npy"], 64, "--query"),
      (["similar", "--model", "MODEL", "a", "b", "--top", "0"], 64, "--top is 0"),
      (["similar", "--model", "MODEL", "a", "b", "--similarity", "cosin"], 64, "cosine"),
    ])
  func refuses(arguments: [String], status: Int32, message: String) throws {
    let result = try program.run(arguments.map { $0 == "MODEL" ? model : $0 })
    #expect(result.status == status && result.output.isEmpty, "\(result.status)")
    #expect(result.error.hasPrefix("error: ") && result.error.contains(message), "\(result.error)")
  }
}
