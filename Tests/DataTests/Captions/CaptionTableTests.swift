// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import TestSupport
import Testing

@Suite("Captions of vectors")
struct CaptionTableTests {
  private func read(
    _ name: String, _ text: String, row: String = "row", caption: String = "caption"
  ) throws -> CaptionTable {
    let folder = try TemporaryFolder()
    return try CaptionTable(
      path: folder.write(text, to: name), rowColumn: row, captionColumn: caption)
  }

  private func problem(_ name: String, _ text: String, line: Int?) -> CaptionError.Problem? {
    let error = #expect(throws: CaptionError.self) { try read(name, text) }
    #expect(error?.line == line && error?.exitCode == .data)
    return error?.problem
  }

  private static let vectors = try? FeatureVectors([1, 2, 3], dimension: 1, name: "v.npy")

  @Test("Rows of CSV have the number of the vector beside the caption, in any order")
  func delimited() throws {
    let table = try read("a.csv", "id,row,caption\n9, 1 ,\"A dog, running. \"\n8,0,A cat.\n")
    #expect(
      table.captions == [
        Caption(row: 1, text: "A dog, running.", line: 2), Caption(row: 0, text: "A cat.", line: 3),
      ])
    let french = try read("a.tsv", "n\tcaption\tlegende\n0\ta\tb\n", row: "n", caption: "legende")
    #expect(french.captions.map(\.text) == ["b"])
  }

  @Test("Lines of JSON have the same keys")
  func jsonLines() throws {
    let table = try read("a.jsonl", #"{"row": 2, "caption": "A dog."}"# + "\n")
    #expect(table.captions == [Caption(row: 2, text: "A dog.", line: 1)])
    #expect(throws: DataFileError.self) {
      try read("a.jsonl", "{\"row\":0,\"caption\":\"a\"}\n{\"row\":1}\n")
    }
  }

  @Test("In plain text the line is the row, and an empty one is no caption")
  func plainText() throws {
    let table = try read("a.txt", "A dog.\r\n\n A cat. \n")
    #expect(table.captions.map(\.row) == [0, 2] && table.captions.map(\.line) == [1, 3])
    #expect(table.captions.map(\.text) == ["A dog.", "A cat."])
  }

  @Test("Rows that are no numbers and captions that are empty are refused at their line")
  func refusals() throws {
    #expect(
      problem("a.csv", "row,caption\n0,a\nx,b\n", line: 3) == .notARow(column: "row", found: "x"))
    for number in ["", "1.0", "+1", "1e2", "99999999999999999999", "-"] {
      #expect(
        problem("a.csv", "row,caption\n\(number),b\n", line: 2)
          == .notARow(column: "row", found: number))
    }
    #expect(
      problem("a.jsonl", "{\"row\":1.5,\"caption\":\"a\"}\n", line: 1)
        == .notARow(column: "row", found: "1.5"))
    #expect(problem("a.csv", "row,caption\n4,\u{A0} \n", line: 2) == .emptyCaption(row: 4))
    #expect(problem("a.csv", "row,caption\n", line: nil) == .noCaptions)
    #expect(problem("a.txt", "\n\n", line: nil) == .noCaptions)
  }

  @Test("A column that is not there is named with those that are")
  func unknownColumn() throws {
    let error = #expect(throws: CaptionError.self) { try read("a.csv", "rows,caption\n0,a\n") }
    #expect(
      error?.problem == .unknownColumn("row", role: .row, columns: ["rows", "caption"]))
    #expect(error?.exitCode == .usage && error?.description.contains("--row-column") == true)
  }

  @Test(
    "Several captions belong to a vector, in the order of the file; vectors without one are told")
  func joining() throws {
    let vectors = try #require(Self.vectors)
    let table = try read("a.csv", "row,caption\n2,a\n0,b\n2,c\n")
    let data = try CaptionedVectors(vectors, table)
    #expect(data.captions == [["b"], [], ["a", "c"]] && data.captionCount == 3)
    #expect(data.rowsWithoutCaption == [1] && data.captionedRows == [0, 2])
    #expect(data.warning?.contains("1 of 3 vectors") == true)
    #expect(data.warning?.contains("row 1, counted") == true)
    let error = #expect(throws: CaptionError.self) { try data.requireCaptions() }
    #expect(error?.problem == .withoutCaption(rows: [1], vectors: "v.npy"))
    let whole = try CaptionedVectors(vectors, read("a.txt", "a\nb\nc\n"))
    #expect(whole.warning == nil)
    try whole.requireCaptions()
  }

  @Test("A caption of a vector that is not there is refused at its line", arguments: [3, -1, .max])
  func outOfRange(row: Int) throws {
    let vectors = try #require(Self.vectors)
    let table = try read("a.csv", "row,caption\n0,a\n\(row),b\n")
    let error = #expect(throws: CaptionError.self) { try CaptionedVectors(vectors, table) }
    #expect(error?.line == 3)
    #expect(error?.problem == .rowOutOfRange(row: row, count: 3, vectors: "v.npy"))
  }

  @Test("More lines of plain text than vectors are refused")
  func tooManyLines() throws {
    let vectors = try #require(Self.vectors)
    let table = try read("a.txt", "a\nb\nc\nd\n")
    #expect(throws: CaptionError.self) { try CaptionedVectors(vectors, table) }
  }
}
