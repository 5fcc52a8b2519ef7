// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import Testing

@Suite("A JSON object keeps its members in order")
struct JSONObjectTests {
  @Test("Setting appends, replaces in place or removes", arguments: [3, 200])
  func sets(count: Int) {
    var object = JSONObject((0..<count).map { ("key\($0)", JSONValue.integer($0)) })
    object["key1"] = "replaced"
    object["new"] = true
    object["key0"] = nil
    object["absent"] = nil
    #expect(object.count == count)
    #expect(object.keys == (1..<count).map { "key\($0)" } + ["new"])
    #expect(object["key1"] == "replaced")
    #expect(object["key0"] == nil)
    #expect(object["new"] == true)
    #expect(object["key\(count - 1)"] == .integer(count - 1))
  }

  @Test("Equality is by bytes, by order and by kind of number")
  func comparesExactly() {
    #expect(JSONValue.string("\u{e9}") != .string("e\u{301}"))
    #expect((["a": 1, "b": 2] as JSONValue) != ["b": 2, "a": 1])
    #expect(JSONValue.integer(4) != .number(4))
    #expect((["a": [1, nil]] as JSONValue) == ["a": [1, nil]])
  }
}
