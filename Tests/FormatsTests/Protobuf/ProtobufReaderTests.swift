// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@Suite("Protocol buffers")
struct ProtobufReaderTests {
  // The examples of the format's description: field 1 is 150, field 2 is "testing", field 3 a message
  // with field 1.
  private static let sound: [UInt8] =
    [0x08, 0x96, 0x01, 0x12, 0x07] + Array("testing".utf8) + [0x1A, 0x03, 0x08, 0x96, 0x01]
    + [0x25, 0x00, 0x00, 0xC0, 0x3F, 0x29, 1, 2, 3, 4, 5, 6, 7, 8]

  @Test("Fields come in order with their values")
  func values() throws {
    var reader = ProtobufReader(Self.sound, source: "m")
    #expect(try reader.next()?.integer() == 150)
    #expect(try reader.next()?.string() == "testing")
    var inner = try #require(try reader.next()).message()
    #expect(try inner.next()?.integer() == 150)
    #expect(try inner.next() == nil)
    #expect(try reader.next()?.float() == 1.5)
    #expect(try reader.next()?.number == 5)
    #expect(try reader.next() == nil)
  }

  @Test(
    "Malformed bytes are refused with their place",
    arguments: [
      ([0x08], ProtobufError.Problem.truncated, 1),
      ([0x08, 0x80], .truncated, 1),
      ([0x08] + [UInt8](repeating: 0xFF, count: 10), .varintTooLong, 1),
      ([0x12, 0x05, 0x61], .length(5, left: 1), 1),
      (
        [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .length(.max, left: 0),
        1
      ),
      ([0x25, 0, 0], .truncated, 1),
      ([0x00], .fieldNumber(0), 0),
      ([0x0B], .wireType(3), 0),
      ([0x0F], .wireType(7), 0),
    ] as [([UInt8], ProtobufError.Problem, Int)])
  func malformed(_ bytes: [UInt8], _ problem: ProtobufError.Problem, _ offset: Int) throws {
    var reader = ProtobufReader(bytes, source: "m")
    let error = try #require(throws: ProtobufError.self) { try reader.next() }
    #expect(error.problem == problem && error.offset == offset && error.source == "m")
  }

  @Test("Values of another kind than asked for are refused")
  func mismatch() throws {
    var reader = ProtobufReader(Self.sound, source: "m")
    let number = try #require(try reader.next())
    #expect(throws: ProtobufError.self) { try number.string() }
    #expect(throws: ProtobufError.self) { try number.float() }
    #expect(throws: ProtobufError.self) { try #require(try reader.next()).integer() }
    var invalid = ProtobufReader([0x0A, 0x01, 0xFF], source: "m")
    let text = try #require(try invalid.next())
    #expect(throws: ProtobufError.self) { try text.string() }
  }
}

@Suite("Base64")
struct Base64Tests {
  @Test(
    "The examples of RFC 4648 hold in both directions",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func examples(_ bytes: String, _ text: String) {
    #expect(Base64.encode(Array(bytes.utf8)) == text)
    #expect(Base64.decode(text) == Array(bytes.utf8))
  }

  @Test(
    "What no encoder writes is refused",
    arguments: ["Zg=", "Zg", "Z===", "====", "Zh==", "Zm9=", "Zm9v\n", "Zm-_", "Zg==Zg==", "Zm9é"])
  func malformed(_ text: String) {
    #expect(Base64.decode(text) == nil)
  }
}
