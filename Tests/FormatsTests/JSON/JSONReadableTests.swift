// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import Testing

@Suite("Typed values are read out of JSON")
struct JSONReadableTests {
  enum Activation: String, CaseIterable { case gelu, relu, quickGELU = "quick_gelu" }

  let config = JSONField(
    [
      "hidden_size": 768, "rope": ["theta": 10_000, "scale": 0.5], "name": "bert", "tied": true,
      "nothing": nil, "sizes": [1, 2], "labels": ["a", "b"], "weights": [1, 0.5],
      "layers": [["size": 1], ["size": "two"]], "activation": "gleu",
    ], source: "config.json")

  private func message(_ read: () throws -> some Any) -> String {
    do {
      return "no error, but \(try read())"
    } catch {
      return "\(error)"
    }
  }

  @Test("Values of the right kind are returned")
  func reads() throws {
    #expect(try config.integer(at: "hidden_size") == 768)
    #expect(try config.integer(at: "hidden_size", in: 1...1_000) == 768)
    #expect(try config.double(at: "rope", "theta") == 10_000)
    #expect(try config.double(at: "rope", "scale") == 0.5)
    #expect(try config.string(at: "name") == "bert")
    #expect(try config.bool(at: "tied"))
    #expect(try config.integers(at: "sizes") == [1, 2])
    #expect(try config.strings(at: "labels") == ["a", "b"])
    #expect(try config.doubles(at: "weights") == [1, 0.5])
    #expect(try config.object(at: "rope").keys == ["theta", "scale"])
    #expect(try config.members(at: "rope").map { try $0.field.double() } == [10_000, 0.5])
    #expect(try config.fields(at: "layers")[0].integer(at: "size") == 1)
    #expect(try (["a": 1] as JSONValue).integer(at: "a") == 1)
  }

  @Test("Optional values are nil when missing or null")
  func readsOptional() throws {
    #expect(try config.optionalInteger(at: "absent") == nil)
    #expect(try config.optionalInteger(at: "nothing") == nil)
    #expect(try config.optionalDouble(at: "absent", "deeper") == nil)
    #expect(try config.optionalString(at: "name") == "bert")
    #expect(try config.has("nothing") == false)
    #expect(try config.has("tied"))
    #expect(try config.optionalChoice(at: "absent", of: Activation.self) == nil)
  }

  @Test("An error names file, path, what is there and what was expected")
  func explains() {
    #expect(
      message { try config.integer(at: "name") }
        == "config.json: name: found the string 'bert', expected an integer.")
    #expect(
      message { try config.integer(at: "rope", "scale") }
        == "config.json: rope.scale: found the number 0.5, expected an integer.")
    #expect(
      message { try config.integer(at: "hidden_sise") }
        == "config.json: hidden_sise: missing, expected an integer. Did you mean 'hidden_size'?")
    #expect(
      message { try config.integer(at: "hidden_size", in: 1...512) }
        == "config.json: hidden_size: found the integer 768, expected an integer from 1 to 512.")
    #expect(
      message { try config.fields(at: "layers")[1].integer(at: "size") }
        == "config.json: layers[1].size: found the string 'two', expected an integer.")
    #expect(
      message { try config.integers(at: "labels") }
        == "config.json: labels[0]: found the string 'a', expected an integer.")
    #expect(
      message { try config.optionalString(at: "tied") }
        == "config.json: tied: found true, expected a string.")
    #expect(
      message { try config.string(at: "name", "first") }
        == "config.json: name: found the string 'bert', expected an object with the key 'first'.")
    #expect(
      message { try config.choice(at: "activation", of: Activation.self) }
        == "config.json: activation: found 'gleu', expected one of: gelu, relu, quick_gelu. "
        + "Did you mean 'gelu'?")
  }

  @Test("Unknown keys are refused all at once, with the nearest known one")
  func refusesUnknownKeys() throws {
    let rope = try config.field(at: "rope")
    try rope.refuseKeys(notIn: ["theta", "scale", "other"])
    #expect(
      message { try rope.refuseKeys(notIn: ["thetas", "base"]) }
        == "config.json: rope: unknown keys 'theta' (did you mean 'thetas'?), 'scale'.")
  }
}
