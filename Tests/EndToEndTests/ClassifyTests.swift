// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import TestSupport
import Testing

@Suite("Texts are classified")
struct ClassifyTests {
  let program: Program
  let model: String

  init() throws {
    program = try Program()
    model = try TrainedModel.path
  }

  private func classify(_ arguments: String..., input: String = "") throws -> Program.Result {
    let result = try program.run(["classify", "--model", model] + arguments, input: input)
    #expect(result.status == 0, "\(result.error)")
    return result
  }

  private func rows(_ csv: String) throws -> [[String]] {
    let reader = try DelimitedReader(MemoryByteSource(Array(csv.utf8), name: "x.csv"))
    var rows = [reader.columns]
    while let row = try reader.next() { rows.append(row.fields) }
    return rows
  }

  @Test("Arguments give a readable line each")
  func readsArguments() throws {
    let lines = try classify("a lovely film", "an awful\nstory").lines
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("positive ") && lines[0].hasSuffix(" %  a lovely film"))
    #expect(lines[1].hasPrefix("negative ") && lines[1].hasSuffix(" %  an awful story"))
  }

  @Test(
    "Products in any precision give the same label",
    arguments: ["float32", "bfloat16", "int16", "int8"]
  )
  func computesIn(precision: String) throws {
    let result = try program("classify", "--precision", precision, "A wonderful, moving film.")
    #expect(result.status == 0 && result.output.hasPrefix("positive "), "\(result.output)")
  }

  @Test("A level of instructions that does not exist is refused")
  func refusesLevels() throws {
    let result = try program.run(["classify", "x"], environment: ["ATTUNE_INSTRUCTION_LEVEL=avx3"])
    #expect(result.status == 64 && result.output.isEmpty)
    #expect(result.error.contains("ATTUNE_INSTRUCTION_LEVEL is 'avx3'"))
  }

  @Test("The bundled model needs no folder")
  func hasBundledModel() throws {
    let result = try program("classify", "A wonderful, moving film.", "--all")
    #expect(result.status == 0)
    #expect(result.output.contains("positive") && result.output.contains("negative"))
  }

  @Test(
    "Lines of standard input give an object each, in order",
    arguments: [["-"], [], ["--input", "-"]])
  func writesJSON(arguments: [String]) throws {
    let result = try program.run(
      ["classify", "--model", model, "--json"] + arguments, input: "great\n\n\"bad\" é")
    let objects = try result.lines.map { line in
      try #require(JSONValue(parsing: Array(line.utf8), source: "").objectValue)
    }
    #expect(objects.map { $0["text"] } == ["great", "", "\"bad\" é"])
    for object in objects {
      #expect(object.keys == ["text", "label", "score", "scores"])
      let scores = try #require(object["scores"]?.objectValue)
      #expect(scores.keys == ["negative", "positive"])
      let values = scores.members.compactMap(\.value.doubleValue)
      #expect(abs(values.reduce(0, +) - 1) < 1e-6)
      #expect(object["score"]?.doubleValue == values.max())
      #expect(object["label"]?.stringValue.flatMap { scores[$0] } == object["score"])
    }
    #expect(objects[0]["label"] == "positive" && objects[2]["label"] == "negative")
    #expect(result.error.contains("1 text is empty"))
  }

  @Test("Columns pass through in order, with prediction and score after them")
  func passesColumnsThrough() throws {
    let table = "id,review,x\n7,\"great, \"\"lovely\"\"\n\",\n,awful, y \n3,,=1\n"
    try program.folder.write(table, to: "in.csv")
    let result = try rows(classify("--input", "in.csv", "--text-column", "review").output)
    #expect(result[0] == ["id", "review", "x", "prediction", "score"])
    #expect(result.dropFirst().map { Array($0.prefix(3)) } == Array(try rows(table).dropFirst()))
    #expect(result[1][3] == "positive" && result[2][3] == "negative")
    #expect(result.dropFirst().allSatisfy { Double($0[4]).map { (0.5...1).contains($0) } ?? false })
    let all = try rows(
      classify("--input", "-", "--format", "csv", "--text-column", "review", "--all", input: table)
        .output)
    #expect(all[0].suffix(2) == ["score_negative", "score_positive"])
    #expect(all.map { Array($0.prefix(5)) } == result)
  }

  @Test("Columns of these names stay, and the new ones have others")
  func keepsTakenNames() throws {
    let result = try classify("--format", "csv", "-", input: "text,score,prediction\ngood,1,x\n")
    #expect(result.lines[0] == "text,score,prediction,prediction_2,score_2")
    #expect(result.error.contains("the new one is 'score_2'"))
  }

  @Test("TSV and compressed files are known by their names; JSON lines keep their keys")
  func readsOtherFormats() throws {
    try program.folder.write("a\ttext\n1\tsay \"great\", ok\n", to: "in.tsv")
    let tsv = try classify("--input", "in.tsv").lines
    #expect(
      tsv[0] == "a,text,prediction,score" && tsv[1].hasPrefix("1,\"say \"\"great\"\", ok\",po"))
    try program.folder.write("{\"n\":[1,{}],\"text\":\"awful\",\"z\":null}\n", to: "in.jsonl")
    let line = try classify("--input", "in.jsonl").output
    #expect(
      line.hasPrefix("{\"n\":[1,{}],\"text\":\"awful\",\"z\":null,\"prediction\":\"negative\","))
    try program.folder.write("great\n", to: "in.txt")
    #expect(try classify("--input", "in.txt").output.hasPrefix("positive"))
    try program.folder.write("great;1,5\n".utf8.map { $0 }, to: "s")
    let semicolons = try classify("--format", "csv", "-", input: "text;x\ngreat;1,5\n").lines
    #expect(semicolons[1].hasPrefix("great,\"1,5\",positive,"))
  }

  @Test("Other encodings are read when they are named")
  func readsEncodings() throws {
    try program.folder.write(Array("text\ncaf".utf8) + [0xE9, 0x0A], to: "latin.csv")
    #expect(
      try classify("--input", "latin.csv", "--encoding", "latin1").lines[1].hasPrefix("café,"))
    try program.folder.write(
      [0xFF, 0xFE] + "text\né\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] },
      to: "wide.csv")
    #expect(try classify("--input", "wide.csv", "--encoding", "utf16").lines[1].hasPrefix("é,"))
  }

  @Test("An unsure answer is left out when asked for")
  func abstains() throws {
    let texts = ["good", "awful", "good awful film"]
    let scores = try classify(texts[0], texts[1], texts[2], "--json").lines.map { line in
      try JSONValue(parsing: Array(line.utf8), source: "").double(at: "score")
    }
    let bound = (scores[2] + min(scores[0], scores[1])) / 2
    let table = "text\n" + texts.joined(separator: "\n") + "\n"
    let result = try classify(
      "--format", "csv", "-", "--abstain", "\(bound)", input: table)
    let rows = try rows(result.output)
    #expect(rows.dropFirst().map { $0[1].isEmpty } == scores.map { $0 < bound })
    #expect(rows[3][1].isEmpty && !rows[3][2].isEmpty)
    #expect(result.error.contains("1 of 3 texts left without a label"))
    let object = try classify(texts[2], "--json", "--abstain", "\(bound)").output
    #expect(object.contains("\"label\":null") && object.contains("\"abstained\":true"))
    #expect(try classify(texts[2], "--abstain", "\(bound)").output.hasPrefix("unsure "))
    #expect(try program("classify", "x", "--abstain", "2").status == 64)
  }

  @Test("Chunks keep the order, and memory does not grow with the file")
  func streams() throws {
    func peak(_ count: Int) throws -> Int {
      let words = String(repeating: "film plot ", count: 8)
      let lines = (0..<count).map { "\($0),\($0 % 3 == 0 ? "great" : "awful") \(words)\n" }
      try program.folder.write("id,text\n\(lines.joined())", to: "many.csv")
      let result = try classify("--input", "many.csv", "--output", "out.csv", "--overwrite")
      let out = try rows(InputFile.text(of: program.folder.path("out.csv")))
      #expect(out.count == count + 1)
      #expect(out.dropFirst().enumerated().allSatisfy { $0 == Int($1[0]) })
      #expect(result.error.contains("longer than the model's 16 tokens"))
      return result.peakMemory
    }
    let (small, large) = (try peak(2_500), try peak(40_000))
    #expect(large - small < 16_000, "\(small) KiB, then \(large) KiB")
  }

  @Test("Results are the same for any number of threads")
  func isDeterministic() throws {
    let input = TrainedModel.reviews
    let results = try [1, 2, 4].map { count in
      try classify("--format", "csv", "-", "--threads", "\(count)", input: input).output
    }
    #expect(results[0] == results[1] && results[0] == results[2])
    #expect(try rows(results[0]).count == 201)
  }

  @Test("A file is written whole, never over another unless asked")
  func writesFiles() throws {
    _ = try classify("great", "--output", "out.txt")
    let before = try InputFile.text(of: program.folder.path("out.txt"))
    let refused = try program("classify", "bad", "--model", model, "--output", "out.txt")
    #expect(refused.status == 73 && refused.error.contains("out.txt: exists already"))
    #expect(try InputFile.text(of: program.folder.path("out.txt")) == before)
    _ = try classify("bad", "--output", "out.txt", "--overwrite")
    #expect(try InputFile.text(of: program.folder.path("out.txt")) != before)
    let absent = try program("classify", "x", "--output", "absent/out.txt")
    #expect(absent.status == 73 && absent.error.contains("absent/out.txt"))
  }

  #if os(Linux)
    @Test("A full disk ends with 74")
    func explainsFullDisk() throws {
      let piped = try program.run(["classify", "x"], output: "/dev/full")
      let named = try program("classify", "x", "--output", "/dev/full")
      #expect(piped.status == 74 && piped.error.contains("no space is left"))
      #expect(named.status == 74 && named.error.contains("/dev/full: no space is left"))
    }
  #endif

  @Test("The name of a file as a text is pointed out")
  func hintsAtFiles() throws {
    try program.folder.write("x\n", to: "a.txt")
    #expect(try classify("a.txt").error.contains("--input a.txt"))
    #expect(try classify("a.txt", "--quiet").error.isEmpty)
  }
}
