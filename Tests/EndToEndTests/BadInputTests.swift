// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@Suite("Bad input is explained and nothing is written")
struct BadInputTests {
  let program: Program

  init() throws { program = try Program() }

  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var file = "in.csv"
    let bytes: [UInt8]
    var status: Int32 = 65
    let message: String
    var arguments: [String] = []

    init(
      _ name: String, file: String = "in.csv", _ text: String, status: Int32 = 65,
      _ message: String, arguments: [String] = []
    ) {
      self.init(
        name, file: file, bytes: Array(text.utf8), status: status, message, arguments: arguments)
    }

    init(
      _ name: String, file: String = "in.csv", bytes: [UInt8], status: Int32 = 65,
      _ message: String, arguments: [String] = []
    ) {
      (testDescription, self.file, self.bytes) = (name, file, bytes)
      (self.status, self.message, self.arguments) = (status, message, arguments)
    }
  }

  static let tables = [
    Case("ragged row", "text,label\na,b\nc,d,e\n", "in.csv:3: the row has 3 fields, expected 2"),
    Case(
      "unterminated quote", "text,label\na,b\n\"c,d\ne,f\n", "in.csv:3:1: the quote that opens here"
    ),
    Case("text after a quote", "text,label\n\"a\"b,c\n", "in.csv:2:4: text follows the closing"),
    Case("zero byte", bytes: Array("text,label\na\0b,c\n".utf8), "in.csv:2:2: byte 12 is zero"),
    Case(
      "invalid UTF-8", bytes: Array("text,label\na".utf8) + [0xE9, 0x2C, 0x62, 0x0A],
      "in.csv:2:2: byte 12 is not valid UTF-8"),
    Case(
      "UTF-16", bytes: [0xFF, 0xFE] + "text,label\n".utf16.flatMap { [UInt8($0), 0] },
      "in.csv: the file is UTF-16"),
    Case("empty file", "", "in.csv: the file is empty"),
    Case("two columns of one name", "text,text\na,b\n", "in.csv:1: two columns are named 'text'"),
    Case(
      "no such column", "text,label\na,positive\n", status: 64,
      "there is no column 'txet'. Did you mean 'text'?", arguments: ["--text-column", "txet"]),
    Case(
      "no clear column", "a,b\nx,y\n", status: 64,
      "no column is clearly the"),
    Case(
      "broken JSON", file: "in.jsonl", "{\"text\":\"a\",\"label\":\"b\"}\n{\"text\":}\n",
      "in.jsonl:2:9: found"),
    Case(
      "missing key", file: "in.jsonl",
      "{\"text\":\"a\",\"label\":\"positive\"}\n{\"label\":\"b\"}\n",
      "in.jsonl:2: 'text' is missing or null"),
    Case("missing file", file: "other.csv", "", status: 66, "in.csv: no such file or folder"),
  ]

  @Test("Tables that cannot be read", arguments: tables, ["classify", "evaluate"])
  func explainsTables(wrong: Case, command: String) throws {
    let name = wrong.file.hasPrefix("in") ? wrong.file : "in.csv"
    try program.folder.write(wrong.bytes, to: wrong.file)
    let arguments =
      command == "classify" ? ["classify", "--input", name] : ["evaluate", name]
    let result = try program.run(arguments + ["--output", "out"] + wrong.arguments)
    #expect(result.status == wrong.status, "\(result.error)")
    #expect(
      result.error.hasPrefix("error: ") && result.error.contains(wrong.message), "\(result.error)")
    #expect(result.output.isEmpty)
    #expect(try FileSystem.entries(of: program.folder.path).filter { $0.contains("out") } == [])
  }

  @Test("A bad row far below leaves no output either")
  func leavesNothing() throws {
    let rows = String(repeating: "good,positive\n", count: 5_000)
    try program.folder.write("text,label\n\(rows)bad\n", to: "in.csv")
    let result = try program("classify", "--input", "in.csv", "--output", "out.csv")
    #expect(result.status == 65 && result.error.contains("in.csv:5002: the row has 1 field"))
    #expect(try FileSystem.entries(of: program.folder.path).filter { $0.contains("out") } == [])
  }

  @Test(
    "Labels",
    arguments: [
      ("text,label\na,postive\n", "'postive' (did you mean 'positive'?)"),
      ("text,label\na,positive\nb,\n", "in.csv:3: the label is empty"),
      ("text,label\n", "in.csv: there are no rows after the header"),
    ])
  func explainsLabels(table: String, message: String) throws {
    try program.folder.write(table, to: "in.csv")
    let result = try program("evaluate", "in.csv")
    #expect(result.status == 65 && result.error.contains(message), "\(result.error)")
  }

  @Test("Training on one class, or on a label seen only in validation, starts nothing")
  func explainsTraining() throws {
    try program.folder.write("text,label\na,x\nb,x\n", to: "one.csv")
    let one = try program("train", "classifier", "one.csv", "--output", "run")
    #expect(one.status == 65 && one.error.contains("every example is labelled 'x'"))
    try program.folder.write(TrainedModel.reviews, to: "in.csv")
    try program.folder.write("text,label\na,postive\n", to: "valid.csv")
    let other = try program(
      "train", "classifier", "in.csv", "--validation", "valid.csv", "--output", "run")
    #expect(other.status == 65 && other.error.contains("Did you mean 'positive'?"))
    let missing = try program("train", "classifier", "absent.csv", "--output", "run")
    #expect(missing.status == 66)
    #expect(!FileSystem.exists(program.folder.path("run")))
  }

  @Test(
    "Options of which one would be left out in silence",
    arguments: [
      (
        ["translator", "a.tsv", "--validation", "b.tsv", "--validation-pairs", "9"],
        "--validation, --validation-source and --validation-pairs exclude each other."
      ),
      (
        ["translator", "--source", "a", "--target", "b", "--source-column", "en"],
        "--source-column and --target-column are for tables of pairs."
      ),
      (
        ["captioner", "--vectors", "a.npy", "--captions", "a.csv", "--validation-rows", "9"]
          + ["--validation-vectors", "b.npy", "--validation-captions", "b.csv"],
        "--validation-vectors and --validation-rows exclude each other."
      ),
      (
        ["classifier", "a.csv", "--validation", "b.csv", "--validation-share", "0.2"],
        "--validation and --validation-share exclude each other."
      ),
    ] as [([String], String)])
  func explainsExclusions(arguments: [String], message: String) throws {
    let result = try program.run(["train"] + arguments + ["--output", "run"])
    #expect(result.status == 64 && result.error.contains(message), "\(result.error)")
  }

  @Test(
    "Damaged models",
    arguments: [
      ("model.safetensors", "model.safetensors"), ("config.json", "config.json"),
      ("tokenizer.json", "tokenizer.json"),
    ])
  func explainsTruncatedModels(file: String, message: String) throws {
    let model = try TrainedModel.copy(into: program.folder)
    let bytes = try InputFile.bytes(of: FileSystem.join(model, file))
    try program.folder.write(Array(bytes.prefix(bytes.count / 2)), to: "model/\(file)")
    for arguments in [["classify", "x", "--model", "model"], ["inspect", "model"]] {
      let result = try program.run(arguments)
      #expect(result.status == 65 && result.output.isEmpty, "\(result.error)")
      #expect(result.error.contains(message), "\(result.error)")
    }
  }

  @Test(
    "Configurations that do not fit the weights",
    arguments: [
      ("\"hidden_size\": 16", "\"hidden_size\": 32"),
      ("\"num_attention_heads\": 2", "\"num_attention_heads\": 3"),
      ("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 2"),
      ("\"vocab_size\": ", "\"vocab_size\": 9"),
      ("\"model_type\": \"bert\"", "\"model_type\": \"brt\""),
    ])
  func explainsConfigurations(old: String, new: String) throws {
    let model = try TrainedModel.copy(into: program.folder)
    let text = try InputFile.text(of: FileSystem.join(model, "config.json"))
    #expect(text.contains(old))
    try program.folder.write(text.replacing(old, with: new), to: "model/config.json")
    let result = try program("classify", "x", "--model", "model")
    #expect(result.status == 65 && result.output.isEmpty, "\(result.error)")
    #expect(result.error.hasPrefix("error: model/"), "\(result.error)")
  }

  @Test("Folders without a model")
  func explainsMissingModels() throws {
    #expect(try program("classify", "x", "--model", "absent").status == 66)
    try FileSystem.createFolder(program.folder.path("empty"))
    let empty = try program("classify", "x", "--model", "empty")
    #expect(empty.status == 66 && empty.error.contains("empty: there is no config.json"))
  }
}
