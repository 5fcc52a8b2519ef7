// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@Suite("JSON is written")
struct JSONWriterTests {
  let document: JSONValue = [
    "z": 1, "a": [1.5, -0.0, 1e-7, 1e22, 4.0, nil, true], "empty": [[], [:]],
    "text": "\"\\/\u{8}\t\n\u{C}\r\u{1}\u{1F}\u{7F}é😀",
  ]

  @Test("Compact text has no spaces and keeps the order")
  func writesCompact() throws {
    let text = String(decoding: try document.serialized(), as: UTF8.self)
    #expect(
      text == #"{"z":1,"a":[1.5,-0.0,1e-07,1e+22,4.0,null,true],"empty":[[],{}],"#
        + #""text":"\"\\/\b\t\n\f\r\u0001\u001f"# + "\u{7F}é😀\"}")
  }

  @Test("Pretty text is that of Python's json.dumps(indent=2, ensure_ascii=False)")
  func writesPretty() throws {
    let value: JSONValue = ["a": [1, [2.5]], "b": ["c": [], "d": [:]], "e": "é"]
    let expected = """
      {
        "a": [
          1,
          [
            2.5
          ]
        ],
        "b": {
          "c": [],
          "d": {}
        },
        "e": "é"
      }
      """
    #expect(String(decoding: try value.serialized(.pretty), as: UTF8.self) == expected)
  }

  @Test("What is written reads back the same", arguments: [JSONValue.Layout.compact, .pretty])
  func readsBack(layout: JSONValue.Layout) throws {
    #expect(try JSONValue(parsing: document.serialized(layout)) == document)
  }

  @Test("Random doubles read back to the bit")
  func doublesReadBack() throws {
    var generator = SplitMix(seed: 3)
    for _ in 0..<5_000 {
      let value = Double(bitPattern: generator.next())
      guard value.isFinite else { continue }
      let read = try JSONValue(parsing: JSONValue.number(value).serialized())
      #expect(read.doubleValue?.bitPattern == value.bitPattern)
    }
  }

  @Test("A number that is not finite is refused with its path", arguments: [Double.nan, .infinity])
  func refusesNonFinite(number: Double) throws {
    let value: JSONValue = ["scores": ["mean": [1, .number(number)]]]
    let error = try #require(throws: JSONWriteError.self) { try value.serialized() }
    #expect(error.description.hasPrefix("scores.mean.[1] is "))
  }
}
