// SPDX-License-Identifier: Apache-2.0

import Testing

/// A safetensors file that is odd in one way, and what a reader should say to it.
struct OddFile: Sendable, CustomTestStringConvertible {
  /// The name of the case of `SafetensorsError.Problem`, or nil when the file is to be accepted.
  let refusal: String?
  let testDescription: String
  let bytes: [UInt8]

  init(_ refusal: String?, _ name: String, _ bytes: [UInt8]) {
    (self.refusal, testDescription, self.bytes) = (refusal, name, bytes)
  }

  init(_ refusal: String?, _ name: String, _ header: String, data: Int = 0, length: UInt64? = nil) {
    self.init(
      refusal, name,
      Self.file(
        Array(header.utf8), data: [UInt8](repeating: 0, count: data), length: length))
  }

  static func file(_ header: [UInt8], data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
    withUnsafeBytes(of: (length ?? UInt64(header.count)).littleEndian, Array.init) + header + data
  }

  /// The header of one tensor `t`; shape and offsets are texts so that they can be wrong.
  static func one(
    _ type: String = "F32", shape: String = "[1]", offsets: String = "[0,4]", more: String = ""
  ) -> String {
    #"{"t":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)\#(more)}}"#
  }

  /// The header of tensors of one byte each, unless said otherwise.
  static func bytes(_ tensors: (name: String, size: Int, begin: Int)...) -> String {
    let members = tensors.map {
      #""\#($0.name)":{"dtype":"U8","shape":[\#($0.size)],"#
        + #""data_offsets":[\#($0.begin),\#($0.begin + $0.size)]}"#
    }
    return "{\(members.joined(separator: ","))}"
  }
}

extension OddFile {
  static let all = lengths + texts + offsets + shapes + layouts + duplicates + metadata + values

  static let lengths = [
    OddFile("tooShort", "empty file", []),
    OddFile("tooShort", "7 bytes", [UInt8](repeating: 0, count: 7)),
    OddFile("tooShort", "header length 0", ""),
    OddFile("headerLength", "header length 0 before data", "", data: 2),
    OddFile("headerLength", "header length 1", "{", data: 1),
    OddFile("headerLength", "header length 2^64-1", "{}", length: .max),
    OddFile("headerLength", "header length 2^63", "{}", length: 1 << 63),
    OddFile("headerLength", "header length 100000001", "{}", length: 100_000_001),
    OddFile("headerLength", "header past the end", "{}", length: 1_000),
    OddFile("headerLength", "header one byte past the end", "{}", length: 3),
  ]

  static let texts = [
    OddFile(nil, "no tensors", "{}"),
    OddFile(nil, "trailing spaces", "{}   "),
    OddFile(nil, "trailing line break", "{}\n"),
    OddFile("headerStart", "leading space", " {}"),
    OddFile("headerStart", "leading line break", "\n{}"),
    OddFile("headerStart", "byte order mark", [3, 0, 0, 0, 0, 0, 0, 0, 0xEF, 0xBB, 0xBF]),
    OddFile("headerStart", "array at the top", "[]"),
    OddFile("headerStart", "null at the top", "null"),
    OddFile("json", "trailing NUL", "{}\0\0"),
    OddFile("json", "not UTF-8", file([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D])),
    OddFile("json", "trailing comma", #"{"t":{},}"#),
    OddFile("json", "two values", "{}{}"),
    OddFile("json", "comment", "{/**/}"),
    OddFile("json", "lone surrogate", #"{"\ud800":{"dtype":"U8"}}"#),
    OddFile("json", "leading zero", one(offsets: "[0,04]"), data: 4),
    OddFile(
      "json", "deep nesting in a tensor",
      #"{"t":"# + String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000) + "}"
    ),
    OddFile(
      "json", "deep nesting in an extra field",
      one(
        more: #","x":"# + String(repeating: "[", count: 5_000)
          + String(repeating: "]", count: 5_000)), data: 4),
  ]

  static let offsets = [
    OddFile("span", "begin after end", one(offsets: "[4,0]"), data: 4),
    OddFile("field", "negative offset", one(offsets: "[-4,0]"), data: 4),
    OddFile("field", "minus zero", one(offsets: "[-0,4]"), data: 4),
    OddFile("field", "float offset", one(offsets: "[0,4.0]"), data: 4),
    OddFile("field", "offset with exponent", one(offsets: "[0,4e0]"), data: 4),
    OddFile("field", "string offset", one(offsets: #"[0,"4"]"#), data: 4),
    OddFile("field", "3 offsets", one(offsets: "[0,4,4]"), data: 4),
    OddFile("field", "1 offset", one(offsets: "[0]"), data: 4),
    OddFile("span", "offsets near the largest integer", one(offsets: "[0,\(Int.max)]"), data: 4),
  ]

  static let shapes = [
    OddFile(nil, "scalar", one(shape: "[]"), data: 4),
    OddFile(nil, "zero axis", one(shape: "[2,0]", offsets: "[0,0]")),
    OddFile("field", "negative axis", one(shape: "[-1]"), data: 4),
    OddFile("field", "float axis", one(shape: "[1.0]"), data: 4),
    OddFile("field", "axis over 2^64", one(shape: "[18446744073709551616]"), data: 4),
    OddFile("tooLarge", "product overflows", one(shape: "[8589934592,8589934592]")),
    OddFile("tooLarge", "product times width overflows", one(shape: "[4611686018427387904]")),
    OddFile("tooLarge", "overflow before zero", one(shape: "[8589934592,8589934592,0]")),
    OddFile("tooLarge", "overflow after zero", one(shape: "[0,8589934592,8589934592]")),
    OddFile("span", "size differs from the shape", one(shape: "[2]"), data: 4),
    OddFile("elementType", "unknown type", one("X9"), data: 4),
    OddFile("elementType", "lower-case type", one("f32"), data: 4),
    OddFile("span", "odd count of F4", one("F4", offsets: "[0,1]"), data: 1),
    OddFile(nil, "even count of F4", one("F4", shape: "[2]", offsets: "[0,1]"), data: 1),
    OddFile("rank", "65 axes", one(shape: "[1\(String(repeating: ",1", count: 64))]"), data: 4),
    OddFile("rank", "9 axes", one(shape: "[1,1,1,1,1,1,1,1,1]"), data: 4),
    OddFile(nil, "8 axes", one(shape: "[1,1,1,1,1,1,1,1]"), data: 4),
  ]

  static let layouts = [
    OddFile(nil, "one tensor", one(), data: 4),
    OddFile(nil, "header of odd length", one() + " ", data: 4),
    OddFile(
      nil, "F64 at an odd offset",
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""b":{"dtype":"F64","shape":[1],"data_offsets":[1,9]}}"#, data: 9),
    OddFile(nil, "listed out of order", bytes(("b", 1, 1), ("a", 1, 0)), data: 2),
    OddFile("dataEnd", "bytes after the header", "{}", data: 2),
    OddFile("dataEnd", "trailing data", one(), data: 5),
    OddFile("dataEnd", "data cut short", one(), data: 3),
    OddFile("gap", "hole at the start", one(offsets: "[1,5]"), data: 5),
    OddFile("gap", "hole", bytes(("a", 1, 0), ("b", 1, 2)), data: 3),
    OddFile(
      "gap", "place near the largest integer", one(offsets: "[\(Int.max - 4),\(Int.max)]"), data: 4),
    OddFile("gap", "overlap", bytes(("a", 4, 0), ("b", 4, 0)), data: 4),
    OddFile("gap", "partial overlap", bytes(("a", 4, 0), ("b", 4, 2)), data: 6),
  ]

  static let duplicates = [
    OddFile("json", "tensor twice", bytes(("a", 1, 0), ("a", 1, 0)), data: 1),
    OddFile(
      "json", "tensor twice behind an escape", bytes(("a", 1, 0), (#"\u0061"#, 1, 0)), data: 1),
    OddFile(
      "json", "tensor twice with different types",
      #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
        + #""a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data: 4),
    OddFile("json", "field twice", one(more: #","dtype":"F32""#), data: 4),
    OddFile("json", "metadata twice", #"{"__metadata__":{},"__metadata__":{}}"#),
    OddFile("json", "metadata key twice", #"{"__metadata__":{"a":"1","a":"2"}}"#),
  ]

  static let metadata = [
    OddFile(nil, "metadata null", #"{"__metadata__":null}"#),
    OddFile("field", "metadata number", #"{"__metadata__":{"a":1}}"#),
    OddFile("field", "metadata nested", #"{"__metadata__":{"a":{}}}"#),
    OddFile("field", "metadata array", #"{"__metadata__":[]}"#),
  ]

  static let values = [
    OddFile(nil, "extra field", one(more: #","x":1"#), data: 4),
    OddFile("field", "no type", #"{"t":{"shape":[1],"data_offsets":[0,4]}}"#, data: 4),
    OddFile("field", "no shape", #"{"t":{"dtype":"F32","data_offsets":[0,4]}}"#, data: 4),
    OddFile("field", "no offsets", #"{"t":{"dtype":"F32","shape":[1]}}"#, data: 4),
    OddFile("field", "tensor null", #"{"t":null}"#),
    OddFile("field", "tensor as array", #"{"t":["F32",[1],[0,4]]}"#, data: 4),
    OddFile(nil, "empty name", bytes(("", 1, 0)), data: 1),
    OddFile(nil, "name with NUL", bytes((#"a\u0000"#, 1, 0)), data: 1),
    OddFile(nil, "name that looks like a path", bytes(("../x", 1, 0)), data: 1),
    OddFile(
      nil, "names that are canonically equal", bytes(("\u{e9}", 1, 0), ("e\u{301}", 1, 1)), data: 2),
    OddFile(nil, "BOOL of 2", file(Array(one("BOOL", offsets: "[0,1]").utf8), data: [2])),
  ]
}
