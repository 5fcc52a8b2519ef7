// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import TestSupport
import Testing

/// Reads all rows, the header first.
private func rows(
  _ bytes: [UInt8], name: String = "x.csv", options: DelimitedOptions = DelimitedOptions(),
  pieceSize: Int = .max
) throws -> [[String]] {
  let source = MemoryByteSource(bytes, name: name, pieceSize: pieceSize)
  let reader = try DelimitedReader(source, options: options)
  var rows = options.hasHeader ? [reader.columns] : []
  while let record = try reader.next() { rows.append(record.fields) }
  return rows
}

private func rows(
  _ text: String, name: String = "x.csv", options: DelimitedOptions = DelimitedOptions(),
  pieceSize: Int = .max
) throws -> [[String]] {
  try rows(Array(text.utf8), name: name, options: options, pieceSize: pieceSize)
}

private func message(_ bytes: [UInt8], name: String = "x.csv") -> String {
  do {
    return "no error, but \(try rows(bytes, name: name))"
  } catch {
    return "\(error)"
  }
}

@Suite("CSV and TSV are read")
struct DelimitedReaderTests {
  static let wellFormed: [(String, [[String]])] = [
    ("a,b\n1,2\n3,4\n", [["a", "b"], ["1", "2"], ["3", "4"]]),
    ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
    ("a,b\r1,2\r3,4", [["a", "b"], ["1", "2"], ["3", "4"]]),
    ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
    ("a,b\n1,\n,\n", [["a", "b"], ["1", ""], ["", ""]]),
    ("a,b\n1,", [["a", "b"], ["1", ""]]),
    ("a,b\n\"\",\"\"\n", [["a", "b"], ["", ""]]),
    ("a,b\n\"x, y\",2\n", [["a", "b"], ["x, y", "2"]]),
    ("a,b\n\"say \"\"hi\"\"\",2\n", [["a", "b"], ["say \"hi\"", "2"]]),
    ("a,b\n\"\"\"\",\"\"\"\"\"\"\n", [["a", "b"], ["\"", "\"\""]]),
    ("a,b\n\"1\n2\",\"3\r\n4\"\n", [["a", "b"], ["1\n2", "3\r\n4"]]),
    ("\"a\",\"b\"\n\"1\",\"2\"", [["a", "b"], ["1", "2"]]),
    (" a ,\tb\n 1 , 2 \n", [["a", "b"], [" 1 ", " 2 "]]),
    ("a,b\n\n1,2\n\r\n\n3,4\n\n", [["a", "b"], ["1", "2"], ["3", "4"]]),
    ("text\nx\n\ny\n", [["text"], ["x"], [""], ["y"]]),
    ("\u{FEFF}text,label\né,😀\n", [["text", "label"], ["é", "😀"]]),
    ("\u{FEFF}\"a\",b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("a,b\n{\"\"},[1]\n".replacing("\"\"", with: "'"), [["a", "b"], ["{'}", "[1]"]]),
    ("a\n", [["a"]]), ("a,b", [["a", "b"]]),
    ("a\u{301},b\n\u{E9},\u{2028}\n", [["a\u{301}", "b"], ["\u{E9}", "\u{2028}"]]),
  ]

  @Test("Well-formed files give their rows, whatever the size of the pieces", arguments: wellFormed)
  func reads(text: String, expected: [[String]]) throws {
    #expect(try rows(text) == expected)
    let comma = DelimitedOptions(delimiter: .comma)
    for size in 1...4 { #expect(try rows(text, options: comma, pieceSize: size) == expected) }
  }

  @Test(
    "The delimiter is found from the first rows, or from the name, or told",
    arguments: [
      ("a;b\n1,5;2\n", "x.csv", Delimiter.semicolon), ("a\tb\n1,5\t2,5\n", "x.txt", .tab),
      ("a|b\n1|2\n", "x", .pipe), ("a,b;c\n1,2;3\n", "x.csv", .comma),
      ("text\nHello\n", "x.csv", .comma), ("a,b\n", "x.tsv", .tab), ("a\n", "x.TSV.gz", .tab),
      ("a;b,c;d\n1;2;3\n4;5,6;7\n", "x.csv", .semicolon),
      ("a,b\n\"x;y;z\",1\n\"x;y\",2\n", "x.csv", .comma),
    ])
  func detects(text: String, name: String, delimiter: Delimiter) throws {
    let reader = try DelimitedReader(MemoryByteSource(Array(text.utf8), name: name))
    #expect(reader.format.delimiter == delimiter)
    #expect(try rows("a;b|c\n", options: .init(delimiter: .pipe)) == [["a;b", "c"]])
  }

  @Test("A delimiter is found out whatever pieces a pipe gives", arguments: [";", "\t", "|"])
  func delimiterInPieces(delimiter: String) throws {
    let expected = [["text", "label"], ["a long, long text", "b"], ["c", "d"]]
    let text = expected.map { $0.joined(separator: delimiter) + "\n" }.joined()
    for pieceSize in 1...text.utf8.count {
      #expect(try rows(text, pieceSize: pieceSize) == expected, "pieces of \(pieceSize)")
    }
    #expect(try rows(String(text.dropLast())) == expected)
    // A last row without an end counts as well as it can.
    #expect(try rows("x,y\(delimiter)z\n1\(delimiter)2") == [["x,y", "z"], ["1", "2"]])
  }

  @Test("In TSV a quote is a character, unless told otherwise")
  func readsTSV() throws {
    let text = "en\tfr\n\"Yes?\" \"No.\"\t\"Oui ?\"\n"
    #expect(
      try rows(text, name: "x.tsv") == [["en", "fr"], ["\"Yes?\" \"No.\"", "\"Oui ?\""]])
    let quoted = "a\tb\n\"1\t2\"\t3\n"
    #expect(
      try rows(quoted, name: "x.tsv", options: .init(quoting: .doubled)) == [
        ["a", "b"], ["1\t2", "3"],
      ])
  }

  @Test("Without a header the columns are numbered")
  func readsWithoutHeader() throws {
    let source = MemoryByteSource(Array("1,2\n3,4\n".utf8))
    let reader = try DelimitedReader(source, options: .init(hasHeader: false))
    #expect(reader.columns == ["column1", "column2"])
    #expect(try reader.next()?.fields == ["1", "2"])
    #expect(try reader.next()?.line == 2)
  }

  @Test("A row knows the line on which it starts")
  func countsLines() throws {
    let text = "a,b\r\n\"1\r\n\r\n\",2\r\n\n3,4\n\"\r\",\"\n\n\"\n5,6"
    let reader = try DelimitedReader(MemoryByteSource(Array(text.utf8)))
    var lines: [Int] = []
    while let record = try reader.next() { lines.append(record.line) }
    #expect(lines == [2, 6, 7, 11])
  }

  @Test(
    "Malformed files are refused with line, column and advice",
    arguments: [
      ("", "x.csv: the file is empty"), ("\n", "x.csv: the file is empty"),
      ("\u{FEFF}", "x.csv: the file is empty"),
      ("a,b\n1,2\n3\n", "x.csv:3: the row has 1 field, expected 2"),
      ("a,b\n1,2,3\n", "x.csv:2: the row has 3 fields, expected 2"),
      ("a,b\n1,\"2\n3,4\n5,6\n", "x.csv:2:3: the quote that opens here is never closed"),
      ("a,b\n\"1\n\",\"2\n\n", "x.csv:3:3: the quote that opens here is never closed"),
      ("a,b\n1,2\"3\n", "x.csv:2:4: a quote stands inside a field"),
      ("a,b\n1, \"2\"\n", "x.csv:2:4: a quote stands inside a field"),
      ("a,b\n\"1\"x,2\n", "x.csv:2:4: text follows the closing quote"),
      ("a,b\n\"1\" ,2\n", "x.csv:2:4: text follows the closing quote"),
      ("a,b\n1,\0\n", "x.csv:2:3: byte 6 is zero"),
      ("a,a\n1,2\n", "x.csv:1: two columns are named 'a'"),
      ("a, a \n1,2\n", "x.csv:1: two columns are named 'a'"),
      ("a,,c\n1,2,3\n", "x.csv:1: column 2 has no name in the header"),
    ])
  func refuses(text: String, expected: String) {
    let message = message(Array(text.utf8))
    #expect(message.hasPrefix(expected), "\(message)")
  }

  @Test("Bytes that are not UTF-8 are refused with line and offset, and UTF-16 by name")
  func refusesEncodings() {
    let latin = message(Array("a,b\nx,caf".utf8) + [0xE9, 0x0A])
    #expect(latin.hasPrefix("x.csv:2:6: byte 9 is not valid UTF-8."))
    #expect(latin.contains("--encoding utf8|latin1|windows1252|utf16"))
    let cut = message(Array("a,b\nx,".utf8) + [0xE2, 0x82])
    #expect(cut.hasPrefix("x.csv:2:3: byte 6 is not valid UTF-8."))
    for head: [UInt8] in [[0xFF, 0xFE, 0x61, 0], [0xFE, 0xFF, 0, 0x61], [0x61, 0], [0, 0x61]] {
      #expect(message(head).contains("the file is UTF-16"))
    }
    #expect(message([0x61, 0, 0x62, 0x0A]).hasPrefix("x.csv:1:2: byte 1 is zero"))
  }

  @Test("A field of more than 1 MiB and a row of more than 16 MiB are refused")
  func refusesHugeFields() {
    let field = [UInt8](repeating: 0x61, count: 1 << 20)
    #expect(message(Array("a\n".utf8) + field).hasPrefix("no error"))
    #expect(message(Array("a\n".utf8) + field + [0x61]).hasPrefix("x.csv:2:1"))
    #expect(message(Array("a\n\"".utf8) + field + [0x0A, 0x61]).contains("field is longer than"))
    let long = [UInt8](repeatElement(field + [0x2C], count: 18).joined())
    #expect(message(Array("a\n".utf8) + long).contains("a row or line is longer than"))
  }

  @Test("A row of more fields than any table has is refused, though they be empty")
  func refusesManyFields() {
    let commas = [UInt8](repeating: UInt8(ascii: ","), count: 1 << 20)
    #expect(message(commas).hasPrefix("x.csv:1:1048577: a row has more than 1048576 fields."))
  }

  @Test(
    "Other encodings are converted on the way, whatever the size of the pieces",
    arguments: [
      (TextEncoding.latin1, [0x61, 0xE9, 0xFF, 0x80] as [UInt8], "aéÿ\u{80}"),
      (.windows1252, [0x80, 0x93, 0xE9, 0x9F], "€“éŸ"),
      (.utf16, [0xFF, 0xFE, 0x61, 0, 0xE9, 0, 0x3D, 0xD8, 0x00, 0xDE], "aé😀"),
      (.utf16, [0xFE, 0xFF, 0, 0x61, 0xD8, 0x3D, 0xDE, 0x00], "a😀"),
      (.utf16, [0x61, 0, 0x62, 0], "ab"), (.utf16, [0, 0x61, 0, 0x62], "ab"),
    ])
  func converts(encoding: TextEncoding, bytes: [UInt8], text: String) throws {
    for size in [1, 2, 3, 100] {
      let options = DelimitedOptions(delimiter: .comma, encoding: encoding)
      #expect(try rows(bytes, options: options, pieceSize: size) == [[text]])
    }
  }

  @Test(
    "What an encoding does not hold is refused with its offset",
    arguments: [
      (TextEncoding.windows1252, [0x61, 0x81] as [UInt8]), (.utf16, [0x61, 0, 0x00, 0xDC]),
      (.utf16, [0x61, 0, 0x3D, 0xD8]), (.utf16, [0x61, 0, 0x3D, 0xD8, 0x61, 0]),
      (.utf16, [0x61, 0, 0x61]),
    ])
  func refusesUndecodable(encoding: TextEncoding, bytes: [UInt8]) {
    #expect(throws: DataFileError.self) {
      try rows(bytes, options: .init(delimiter: .comma, encoding: encoding))
    }
  }

  @Test("Gzip is read like the plain file")
  func readsGzip() throws {
    let path = Golden.path("Formats/gzip/members.gz")
    let reader = try LinesReader(path: path)
    #expect(try reader.next()?.utf8.count == InputFile.bytes(of: path).count)
  }

  @Test("No damage traps, and pieces of any size give the same rows or the same error")
  func survivesMutations() {
    let original = Array(
      "\u{FEFF}text,\"label\"\r\n\"a \"\"b\"\"\nc\",1\r\né,\"2\"\n,\n😀,3\r4,5".utf8)
    var generator = SplitMix(seed: 9)
    let favoured = Array("\",\n\r;\t|".utf8) + [0, 0xFF, 0xC3, 0x80]
    for _ in 0..<4_000 {
      let damaged = mutated(original, favouring: favoured, with: &generator)
      let options = DelimitedOptions(delimiter: .comma)
      func result(_ size: Int) -> String {
        do {
          return "\(try rows(damaged, options: options, pieceSize: size))"
        } catch {
          return "\(error)"
        }
      }
      #expect(result(3) == result(.max))
      _ = try? rows(damaged)
    }
  }
}

@Suite("CSV and TSV are written")
struct DelimitedWriterTests {
  @Test("Any fields read back the same, and only what must be is quoted")
  func readsBack() throws {
    let table = [
      ["a", "b"], ["x, y", "\"q\""], ["", "1\n2"], [" s ", "é\r\nü"], ["plain", "it's"],
    ]
    let writer = DelimitedWriter()
    let bytes = try table.flatMap { try writer.row($0) }
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "a,b\n\"x, y\",\"\"\"q\"\"\"\n,\"1\n2\"\n s ,\"é\r\nü\"\nplain,it's\n")
    #expect(try rows(bytes) == table)
    let single = try [["a"], [""], ["b"]].flatMap { try writer.row($0) }
    #expect(try rows(single) == [["a"], [""], ["b"]])
  }

  @Test("TSV without quotes refuses what it cannot hold")
  func refusesTabulators() throws {
    let writer = DelimitedWriter(DelimitedFormat(.tab))
    #expect(try writer.row(["\"a\"", "b"]) == Array("\"a\"\tb\n".utf8))
    #expect(throws: UnwritableFieldError.self) { try writer.row(["a\tb"]) }
    #expect(throws: UnwritableFieldError.self) { try writer.row(["a\nb"]) }
  }

  @Test("Formulas are disarmed only when asked")
  func escapesFormulas() throws {
    #expect(try DelimitedWriter().row(["=1+1", "-"]) == Array("=1+1,-\n".utf8))
    let writer = DelimitedWriter(escapesFormulas: true)
    #expect(try writer.row(["=1+1", "a=b"]) == Array("'=1+1,a=b\n".utf8))
  }

  @Test("A row holds memory for its own fields, however many were read before it")
  func holdsLittle() throws {
    // Rows of many lengths, thousands held at a time, leave memory in pieces of all sizes.
    let rows = (0..<100_000).map { String(repeating: "x", count: $0 * 7_919 % 120) + ",y\n" }
    let reader = try DelimitedReader(
      MemoryByteSource(Array(("a,b\n" + rows.joined()).utf8), name: "x.csv"))
    var held: [DelimitedRecord] = []
    while let row = try reader.next() {
      if held.count == 4_000 { held.removeAll() }
      held.append(row)
    }
    let stored = Mirror(reflecting: try #require(held.last)).children.map(\.value)
    let bytes = try #require(stored.lazy.compactMap { $0 as? [UInt8] }.first)
    let ends = try #require(stored.lazy.compactMap { $0 as? [Int] }.first)
    #expect(bytes.capacity < bytes.count + 64 && ends.count == 2 && ends.capacity < 16)
  }
}
