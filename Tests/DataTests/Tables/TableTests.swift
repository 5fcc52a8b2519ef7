// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import Testing

@Suite("A table reads CSV, TSV and JSON lines alike")
struct TableTests {
  private func texts(_ text: String, name: String, column: Int) throws -> [String] {
    let table = try Table(MemoryByteSource(Array(text.utf8), name: name))
    var texts: [String] = []
    while let record = try table.next() { texts.append("\(record.line):\(try record[column])") }
    return texts
  }

  @Test("The same rows come out of all three")
  func readsAlike() throws {
    let expected = ["2:é", "3:3"]
    #expect(try texts("a,b\n1,é\n2,3\n", name: "x.csv", column: 1) == expected)
    #expect(try texts("a\tb\n1\té\n2\t3\n", name: "x.tsv", column: 1) == expected)
    let lines = "\n{\"a\":1,\"b\":\"é\"}\n{\"b\":3,\"a\":true}\n"
    #expect(try texts(lines, name: "x.jsonl", column: 1) == expected)
    #expect(try texts(lines, name: "x.jsonl", column: 0) == ["2:1", "3:true"])
  }

  @Test(
    "A missing, null or nested value of JSON lines is refused only when it is read",
    arguments: [
      ("{}", "x.jsonl:2: 'b' is missing or null."),
      ("{\"a\":1,\"b\":null}", "x.jsonl:2: 'b' is missing or null."),
      ("{\"a\":1,\"b\":[1]}", "x.jsonl:2: 'b' holds an array, expected a text."),
    ])
  func refusesMissing(line: String, expected: String) throws {
    let text = Array("{\"a\":1,\"b\":2}\n\(line)\n".utf8)
    let table = try Table(MemoryByteSource(text, name: "x.jsonl"))
    _ = try table.next()
    let record = try #require(try table.next())
    let error = try #require(throws: DataFileError.self) { try record[1] }
    #expect(error.description == expected)
  }
}

@Suite("The columns of text and label are chosen")
struct ColumnChoiceTests {
  private func choose(
    _ columns: [String], text: [String] = [], label: String? = nil,
    need: ColumnChoice.LabelNeed = .required
  ) throws -> ColumnChoice {
    try ColumnChoice(
      columns: columns, file: "x.csv", textNamed: text, labelNamed: label, label: need)
  }

  @Test(
    "The usual names are known, without case",
    arguments: [
      (["text", "label"], 0, 1), (["Label", "TEXT"], 1, 0), (["id", "review", "sentiment"], 1, 2),
      (["target", "comment"], 1, 0), (["stars", "anything"], 1, 0),
      (["label", "score", "body"], 2, 0),
      (["text", "content", "class"], 0, 2),
    ])
  func guesses(columns: [String], text: Int, label: Int) throws {
    let choice = try choose(columns)
    #expect(choice.text == [text])
    #expect(choice.label == label)
  }

  @Test("What the user names is taken, exactly or without case")
  func obeys() throws {
    let choice = try choose(["Title", "text", "title", "y"], text: ["Title", "TEXT"], label: "y")
    #expect(choice.text == [0, 1])
    #expect(choice.label == 3)
    #expect(
      choice.description
        == "text: 'Title' + 'text', label: 'y' (other columns: --text-column, --label-column)")
    #expect(try choose(["anything"], need: .none).text == [0])
    #expect(try choose(["anything"], need: .optional).label == nil)
  }

  @Test(
    "Nothing is guessed between two; the error lists the columns, the flag and the nearest name")
  func refusesAmbiguity() throws {
    func message(_ columns: [String], label: String? = nil) throws -> String {
      let error = try #require(throws: ColumnChoiceError.self) { try choose(columns, label: label) }
      #expect(error.exitCode == .usage)
      return error.description
    }
    #expect(
      try message(["text", "sentence", "label"])
        == "x.csv: 'text' and 'sentence' could each be the text. The columns are 'text', 'sentence', "
        + "'label'. Choose with --text-column NAME.")
    #expect(
      try message(["a", "b"])
        == "x.csv: no column is clearly the text. The columns are 'a', 'b'. "
        + "Choose with --text-column NAME.")
    #expect(try message(["text", "b"]).contains("no column is clearly the label"))
    #expect(
      try message(["text", "label"], label: "lable").contains(
        "no column 'lable'. Did you mean 'label'?"))
  }
}
