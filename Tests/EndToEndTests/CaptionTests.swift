// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

/// A captioner of a few steps, trained once for all tests.
private enum TrainedCaptioner {
  static let run: Result<Program, any Error> = Result {
    let program = try Program()
    try program.folder.write(vectors(40), to: "train.csv")
    let captions = (0..<40).flatMap { ["\($0),\(words($0))", "\($0),this is \(words($0))"] }
    try program.folder.write(
      "row,caption\n" + captions.joined(separator: "\n") + "\n", to: "captions.csv")
    let trained = try program(
      "train", "captioner", "--vectors", "train.csv", "--captions", "captions.csv", "--output",
      "run",
      "--dimension", "16", "--heads", "2", "--feed-forward", "16", "--layers", "1", "--vocabulary",
      "100", "--max-steps", "8", "--batch-tokens", "200", "--json", "--quiet")
    guard trained.status == 0 else { throw Failure(error: trained.error) }
    return program
  }

  struct Failure: Error { let error: String }

  static func words(_ row: Int) -> String {
    "a \(["red", "green"][row % 2]) \(["dog", "cat", "bird"][row % 3])"
  }

  static func vectors(_ count: Int) -> String {
    (0..<count).map { row in
      (0..<5).map { "\(($0 == row % 2 ? 1 : 0) + ($0 == 2 + row % 3 ? 1 : 0)).\(row % 10)" }
        .joined(separator: ",") + "\n"
    }.joined()
  }
}

@Suite("Vectors are captioned")
struct CaptionTests {
  let program: Program

  init() throws { program = try TrainedCaptioner.run.get() }

  private func caption(_ arguments: String...) throws -> Program.Result {
    let result = try program.run(
      ["caption", "--model", "run", "--vectors", "train.csv"] + arguments)
    #expect(result.status == 0, "\(result.error)")
    return result
  }

  private func objects(_ result: Program.Result) throws -> [JSONField] {
    try result.lines.map { JSONField(try JSONValue(parsing: Array($0.utf8))) }
  }

  @Test("Each vector gets a line, and --rows chooses")
  func lines() throws {
    let all = try caption("--max-decoding-length", "8").lines
    #expect(all.count == 40)
    #expect(
      try caption("--max-decoding-length", "8", "--rows", "5-7", "--batch-size", "1").lines
        == Array(all[5...7]))
    let ranked = try caption("--n-best", "2", "--rows", "38-", "--max-decoding-length", "8").lines
    #expect(ranked.map { $0.split(separator: "\t")[0] } == ["38", "38", "39", "39"])
  }

  @Test("JSON lines hold row, text and score")
  func jsonLines() throws {
    let rows = try objects(caption("--json", "--rows", "3", "--n-best", "3"))
    #expect(rows.count == 1)
    #expect(try rows[0].integer(at: "row") == 3)
    let found = try rows[0].fields(at: "hypotheses")
    #expect(try found.count == 3 && rows[0].string(at: "text") == found[0].string(at: "text"))
    #expect(try rows[0].double(at: "score") == found[0].double(at: "score"))
  }

  @Test("An evaluation stands beside the captions of the nearest training vectors")
  func evaluation() throws {
    let arguments = [
      "evaluate", "run", "--vectors", "train.csv", "--captions", "captions.csv",
      "--max-decoding-length", "8",
    ]
    let result = try program.run(arguments + ["--json"])
    #expect(result.status == 0, "\(result.error)")
    let document = JSONField(try JSONValue(parsing: Array(result.output.utf8)))
    #expect(try document.integer(at: "vectors") == 40)
    #expect(try document.integer(at: "captions") == 80)
    // The nearest vector to one of the training vectors is that very vector.
    #expect(try document.double(at: "nearest_training_vector", "exact") == 100)
    #expect(try document.double(at: "scores", "bleu_1") <= 100)
    let text = try program.run(arguments + ["--save-captions", "saved.txt"]).output
    #expect(text.contains("BLEU-4") && text.contains("nearest training vector"))
    #expect(
      try InputFile.text(of: program.folder.path("saved.txt")).split(separator: "\n").count == 40)
  }

  @Test("A file of captions that stands already is refused before the work")
  func savedFileExists() throws {
    let converted = try program(
      "convert", "--model", "run", "--output", "copy", "--weights", "float32")
    #expect(converted.status == 0, "\(converted.error)")
    try program.folder.write("old", to: "kept.txt")
    let result = try program(
      "evaluate", "copy", "--vectors", "train.csv", "--captions", "captions.csv",
      "--save-captions", "kept.txt")
    #expect(result.status == 73 && result.error.contains("kept.txt: exists already"))
    // What the comparison lacks is told when the work begins.
    #expect(!result.error.contains("--training-vectors"), "\(result.error)")
    #expect(try InputFile.text(of: program.folder.path("kept.txt")) == "old")
  }

  @Test("What was trained is shown and converted")
  func inspection() throws {
    let text = try program("inspect", "run").output
    #expect(text.contains("captioning") && text.contains("vectors of 5 numbers"))
    let small = try program(
      "convert", "--model", "run", "--output", "small", "--weights", "int8")
    #expect(small.status == 0, "\(small.error)")
    let lines = try program(
      "caption", "--model", "small", "--vectors", "train.csv", "--rows", "0-1"
    ).lines
    #expect(lines.count == 2)
  }

  @Test("Vectors that cannot be captioned are refused with what is wrong")
  func refusals() throws {
    try program.folder.write("1,2,3\n", to: "narrow.csv")
    try program.folder.write("1,2,3,4,5\n1,nan,3,4,5\n", to: "nan.csv")
    let cases: [(arguments: [String], status: Int32, message: String)] = [
      (["--vectors", "narrow.csv"], 65, "the model reads vectors of 5"),
      (["--vectors", "nan.csv"], 65, "row 1, column 1"),
      (["--vectors", "train.csv", "--rows", "39-40"], 64, "the rows 0 to 39"),
      (["--vectors", "train.csv", "--rows", "9-3"], 64, "--rows"),
      (["--vectors", "none.csv"], 66, "none.csv"),
    ]
    for (arguments, status, message) in cases {
      let result = try program.run(["caption", "--model", "run"] + arguments)
      #expect(result.status == status && result.output.isEmpty, "\(result)")
      #expect(result.error.contains(message), "\(result.error)")
    }
    try program.folder.write("row,capt\u{1B}[31mion\n0,a\n", to: "colours.csv")
    let quoted = try program(
      "evaluate", "run", "--vectors", "train.csv", "--captions", "colours.csv")
    #expect(quoted.error.contains("capt\\u{1B}[31mion") && !quoted.error.contains("\u{1B}"))
    let wrong = try program("translate", "--model", "run", "x")
    #expect(wrong.status == 65 && wrong.error.contains("'attune caption' uses it"))
    let other = try program("evaluate", "x.csv", "--model", "run")
    #expect(other.status == 64 && other.error.contains("--vectors FILE --captions FILE"))
  }
}
