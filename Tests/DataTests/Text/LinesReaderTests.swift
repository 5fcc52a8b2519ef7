// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import Testing

@Suite("Lines are read")
struct LinesReaderTests {
  private func lines(_ text: String, pieceSize: Int = .max) throws -> [String] {
    let source = MemoryByteSource(Array(text.utf8), name: "x.txt", pieceSize: pieceSize)
    let reader = try LinesReader(source)
    var lines: [String] = []
    while let line = try reader.next() { lines.append(line) }
    return lines
  }

  @Test(
    "LF and CR LF end a line, a lone CR does not",
    arguments: [
      ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb", ["a", "", "b"]), ("\n", [""]),
      ("a\r\nb\r\n", ["a", "b"]), ("a\rb\n", ["a\rb"]), ("\u{FEFF}é\n", ["é"]),
    ] as [(String, [String])])
  func reads(text: String, expected: [String]) throws {
    for size in [1, 2, 1_000] { #expect(try lines(text, pieceSize: size) == expected) }
  }

  @Test("An invalid byte is refused with its line")
  func refusesInvalid() throws {
    let source = MemoryByteSource(Array("ab\nc".utf8) + [0xFF], name: "x.txt")
    let reader = try LinesReader(source)
    #expect(try reader.next() == "ab")
    let error = try #require(throws: DataFileError.self) { try reader.next() }
    #expect(error.description.hasPrefix("x.txt:2:2: byte 4 is not valid UTF-8"))
  }

  @Test("A line that never ends is refused")
  func refusesEndless() throws {
    let reader = try LinesReader(MemoryByteSource([UInt8](repeating: 0x61, count: 17 << 20)))
    let error = try #require(throws: DataFileError.self) { try reader.next() }
    #expect(error.problem == .recordTooLong(limit: 1 << 24))
  }
}

@Suite("JSON lines are read")
struct JSONLinesReaderTests {
  @Test("Each line is an object; blank lines are skipped")
  func reads() throws {
    let text = "{\"a\":1}\r\n\n  \n{\"a\":\"\\n\"}\n{\"a\":null}"
    let reader = try JSONLinesReader(MemoryByteSource(Array(text.utf8), name: "x.jsonl"))
    #expect(try reader.next()?["a"] == 1)
    #expect(try reader.next()?["a"] == "\n")
    #expect(reader.lineNumber == 4)
    #expect(try reader.next()?["a"] == .null)
    #expect(try reader.next() == nil)
  }

  @Test(
    "Errors name the line and the column",
    arguments: [
      ("{}\n[1]\n", "x.jsonl:2: found an array, expected one JSON object a line."),
      ("{}\n{\"a\":}\n", "x.jsonl:2:6: found '}', expected a value (byte 8)."),
      (
        "{}\n\n{\"a\":1,\"a\":2}",
        "x.jsonl:3:8: the key 'a' is given twice in one object (byte 11)."
      ),
      ("{} {}", "x.jsonl:1:4: found '{', expected the end of the file (byte 3)."),
    ])
  func explains(text: String, expected: String) throws {
    let reader = try JSONLinesReader(MemoryByteSource(Array(text.utf8), name: "x.jsonl"))
    do {
      while try reader.next() != nil {}
      Issue.record("no error")
    } catch {
      #expect("\(error)" == expected)
    }
  }
}
