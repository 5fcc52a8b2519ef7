// SPDX-License-Identifier: Apache-2.0

/// Reads the Python dictionary in the header of an `.npy` file: literals of three kinds, and nothing is evaluated.
struct NumpyHeaderParser {
  private static let keys = ["descr", "fortran_order", "shape"]
  private let bytes: [UInt8]
  private let file: String
  private var position = 0

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  mutating func header() throws(NumpyError) -> NumpyHeader {
    var type: NumpyType?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while peek() != UInt8(ascii: "}") {
      let key = try string("a key in quotes")
      try expect(":")
      switch key {
      case "descr" where type == nil: type = try self.type()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try bool()
      case "shape" where shape == nil: shape = try self.shape()
      case let key where Self.keys.contains(key): throw error(.duplicateKey(key))
      default: throw error(.unknownKey(key))
      }
      if peek() != UInt8(ascii: "}") { try expect(",") }
    }
    try expect("}")
    if peek() != nil { throw syntax("nothing but white space behind the dictionary") }
    guard let type, let isFortranOrder, let shape else {
      let found = [type != nil, isFortranOrder != nil, shape != nil]
      throw error(.missingKeys(zip(Self.keys, found).filter { !$0.1 }.map(\.0)))
    }
    return NumpyHeader(type: type, isFortranOrder: isFortranOrder, shape: shape)
  }

  private mutating func type() throws(NumpyError) -> NumpyType {
    if let byte = peek(), byte == UInt8(ascii: "[") || byte == UInt8(ascii: "(") {
      throw error(
        .unsupportedType(
          "with parts", reason: "each entry has several fields; save the field that is wanted"))
    }
    let code = try string("the type in quotes")
    guard let type = NumpyType(code: code) else {
      throw error(.unsupportedType("'\(code)'", reason: NumpyType.reason(forRefusing: code)))
    }
    return type
  }

  private mutating func bool() throws(NumpyError) -> Bool {
    switch word() {
    case "True": return true
    case "False": return false
    default: throw syntax("True or False")
    }
  }

  private mutating func shape() throws(NumpyError) -> [Int] {
    try expect("(")
    var lengths: [Int] = []
    var endsWithComma = false
    while peek() != UInt8(ascii: ")") {
      if !lengths.isEmpty, !endsWithComma { throw syntax("',' or ')'") }
      guard lengths.count < 64 else { throw error(.axes(count: 65)) }
      lengths.append(try length())
      endsWithComma = peek() == UInt8(ascii: ",")
      if endsWithComma { position += 1 }
    }
    try expect(")")
    // In Python (2) is a number and no tuple.
    if lengths.count == 1, !endsWithComma { throw error(.length("(\(lengths[0]))")) }
    return lengths
  }

  private mutating func length() throws(NumpyError) -> Int {
    var text = word()
    if text.isEmpty { throw syntax("a length") }
    let written = text
    // Python 2 marked long integers.
    if text.last == "L" { text.removeLast() }
    let isPlain =
      !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
      && (text == "0" || text.first != "0")
    guard isPlain, let length = Int(text) else { throw error(.length(written)) }
    return length
  }

  /// The characters up to the next one that ends a literal.
  private mutating func word() -> String {
    _ = peek()
    let start = position
    while position < bytes.count, position - start < 64, !Self.endsWord(bytes[position]) {
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    isSpace(byte) || ",:(){}[]'\"".utf8.contains(byte)
  }

  private mutating func string(_ expected: String) throws(NumpyError) -> String {
    guard let quote = peek(), quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw syntax(expected)
    }
    let start = position + 1
    guard let end = bytes[start...].firstIndex(of: quote), end - start <= 64,
      bytes[start..<end].allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") })
    else { throw syntax(expected) }
    position = end + 1
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(NumpyError) {
    guard peek() == UInt8(ascii: character) else { throw syntax("'\(character)'") }
    position += 1
  }

  /// The next byte that is no white space, or nil at the end.
  private mutating func peek() -> UInt8? {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    return position < bytes.count ? bytes[position] : nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private func syntax(_ expected: String) -> NumpyError {
    error(.syntax(offset: position, expected: expected))
  }

  private func error(_ problem: NumpyError.Problem) -> NumpyError {
    NumpyError(file: file, problem)
  }
}
