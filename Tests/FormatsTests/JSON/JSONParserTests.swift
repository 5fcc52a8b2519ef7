// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@Suite("JSON is read by RFC 8259")
struct JSONParserTests {
  @Test(
    "Well-formed text gives its value",
    arguments: [
      ("null", .null), ("true", true), ("false", false), (" \t\r\n1 \n", 1),
      ("0", 0), ("-1", -1), ("10", 10), ("-0", .number(-0.0)), ("4.0", 4.0), ("4e0", 4.0),
      ("4E+2", 400.0), ("4e-1", 0.4), ("0.1", 0.1), ("0e1", 0.0),
      ("1.7976931348623157e308", 1.7976931348623157e308),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", 9223372036854775808.0), ("1e-400", 0.0),
      (#""""#, ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"),
      (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\uD83D\uDE00""#, "😀"), (#""\u0000""#, "\0"),
      ("\"é€😀\u{7F}\"", "é€😀\u{7F}"), (#""\uFFFD\uE000""#, "\u{FFFD}\u{E000}"),
      ("[]", []), ("[ ]", []), ("[1,[2,[]],{}]", [1, [2, []], [:]]),
      ("{}", [:]), (#"{"b":1,"a":{"c":[null]}}"#, ["b": 1, "a": ["c": [nil]]]),
      (#"{"":0}"#, ["": 0]), (#"{ "a" : 1 , "b" : 2 }"#, ["a": 1, "b": 2]),
    ] as [(String, JSONValue)])
  func accepts(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
  }

  @Test(
    "Malformed text is refused",
    arguments: [
      "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-Infinity", "+1", "-", "01", "-01", "1.",
      ".5", "1.e1", "1e", "1e+", "1.0.0", "0x10", "1_000", "--1", "1e999", "-1e999", "1 2", "[1]x",
      "\"", "\"a", #""\"#, #""\x""#, #""\u12""#, #""\u12G4""#, #""\U0041""#, #""\a""#, "'a'",
      "\"\t\"",
      "\"\n\"", "\"\u{0}\"", #""\uD800""#, #""\uDC00""#, #""\uD800\uD800""#, #""\uD800\u0041""#,
      #""\uD800x""#, #""\uD83D\"#, "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[1 2]",
      "[1;2]", "[}",
      "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,\"a\":1}", "{a:1}",
      "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\"::1}", "{\"a\":1}}", "{\"a\":1}//", "/**/1",
      "[1]#", "\u{FEFF}1", "1\u{A0}", "\u{2028}1", "[\u{C}1]", "1\0", "\0", "{\"a\":1,\"a\":1}",
      #"{"a":1,"\u0061":2}"#, "tru", "fals", "[tru]", "nul]", "[\"a\":1]", "{\"a\"}",
    ])
  func refuses(text: String) {
    #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
  }

  @Test(
    "Bytes that are not UTF-8 are refused at the first wrong byte",
    arguments: [
      [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
      [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
      [0xE2, 0x82], [0xC3],
    ] as [[UInt8]])
  func refusesInvalidUTF8(bytes: [UInt8]) throws {
    for prefix in ["", "longer than eight bytes", #"\n"#] {
      let text = Array("[\"\(prefix)".utf8) + bytes + Array("\"]".utf8)
      let error = try #require(throws: JSONError.self) { try JSONValue(parsing: text) }
      #expect(error.problem == .invalidUTF8)
      #expect(error.offset == 2 + prefix.utf8.count)
    }
  }

  @Test("UTF-16 is refused")
  func refusesUTF16() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0xFF, 0xFE, 0x5B, 0, 0x5D, 0]) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x5B, 0, 0x5D, 0]) }
  }

  @Test("128 levels are read and 129 refused")
  func limitsDepth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONValue(parsing: nested(128))
    _ = try JSONValue(parsing: "[" + nested(127) + "," + nested(127) + "]")
    let error = try #require(throws: JSONError.self) { try JSONValue(parsing: nested(129)) }
    #expect(error.problem == .tooDeep(limit: 128))
    #expect(throws: JSONError.self) {
      try JSONValue(parsing: String(repeating: "{\"a\":", count: 100_000))
    }
  }

  @Test("An error names file, line, column, byte, what is there and what was expected")
  func locatesErrors() throws {
    let text = "{\n  \"é\": 1,\n  \"é\u{e9}\" 2\n}"
    let error = try #require(throws: JSONError.self) {
      try JSONValue(parsing: text, source: "config.json")
    }
    #expect(
      error.description == "config.json:3:8: found '2', expected ':' after the key (byte 22).")
    #expect((error.line, error.column, error.offset) == (3, 8, 22))
    let twice = try #require(throws: JSONError.self) {
      try JSONValue(parsing: #"{"a":1, "a":2}"#, source: "x")
    }
    #expect(twice.description == "x:1:9: the key 'a' is given twice in one object (byte 8).")
    #expect(twice.exitCode == .data)
  }

  @Test("Canonically equal keys are different keys")
  func keepsCanonicallyEqualKeysApart() throws {
    let value = try JSONValue(parsing: "{\"\u{e9}\":1,\"e\u{301}\":2}")
    let object = try #require(value.objectValue)
    #expect(object.count == 2)
    #expect(object["\u{e9}"] == 1)
    #expect(object["e\u{301}"] == 2)
  }

  @Test("A large object keeps its order and finds every key; a key twice far apart is refused")
  func readsLargeObjects() throws {
    let members = (0..<5_000).map { "\"word\($0)\":\($0)" }.joined(separator: ",")
    let object = try #require(try JSONValue(parsing: "{\(members)}").objectValue)
    #expect(object.members.map(\.value) == (0..<5_000).map { .integer($0) })
    #expect((0..<5_000).allSatisfy { object["word\($0)"] == .integer($0) })
    #expect(object["word5000"] == nil)
    #expect(throws: JSONError.self) { try JSONValue(parsing: "{\(members),\"word7\":0}") }
  }

  @Test("No damage to a document traps, and what is still accepted reads back the same")
  func survivesMutations() throws {
    let original = Array(
      #"{"model":{"type":"BPE","vocab":{"a":0,"\u00e9":1,"😀":-2},"merges":[["a","b"],[]]},"x":[1.5e-7,null,true,"\uD83D\uDE00\n"]}"#
        .utf8)
    var generator = SplitMix(seed: 1)
    let favoured = Array("\"\\{}[],:0-e.u\u{0}".utf8) + [0xFF, 0xC3, 0xEF]
    var accepted = 0
    for _ in 0..<20_000 {
      let damaged = mutated(original, favouring: favoured, with: &generator)
      guard let value = try? JSONValue(parsing: damaged) else { continue }
      accepted += 1
      #expect(try JSONValue(parsing: value.serialized()) == value)
    }
    #expect(accepted > 100)
  }
}
