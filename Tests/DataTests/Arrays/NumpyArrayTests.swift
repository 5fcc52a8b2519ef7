// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import Foundation
import TestSupport
import Testing

@testable import AttuneData

@Suite("Arrays of numpy")
struct NumpyArrayTests {
  /// A file of the golden set.
  struct File {
    let name: String
    let bytes: [UInt8]
    let json: JSONField

    init(_ json: JSONField) throws {
      name = try json.string(at: "name")
      bytes = Array(try #require(Data(base64Encoded: json.string(at: "file"))))
      self.json = json
    }
  }

  private static func files(_ set: String) throws -> [File] {
    try InputFile.json(of: Golden.path("Data/npy.json")).fields(at: set).map { try File($0) }
  }

  /// What is to be said to each odd file: the case of `NumpyError.Problem`, or nil where it is read.
  private static let verdicts: KeyValuePairs<String, String?> = [
    "version 1.0": nil, "version 2.0": nil, "version 3.0": nil, "version 4.0": "version",
    "version 0.0": "version", "version 1.1": "version", "other magic": "notNumpy",
    "empty file": "notNumpy", "magic alone": "headerCut", "zip archive": "notNumpy",
    "pickle": "notNumpy", "bytes behind the data": "trailing", "data cut by a byte": "cut",
    "header cut": "headerCut", "length cut": "headerCut", "header past the end": "headerCut",
    "header of 4 GiB": "headerCut", "header of 10102 bytes": "headerTooLong", "no padding": nil,
    "keys in another order": nil, "double quotes": nil, "tabs and line ends": nil,
    "missing key": "missingKeys", "empty dictionary": "missingKeys", "extra key": "unknownKey",
    "key twice": "duplicateKey", "no comma": "syntax", "list for shape": "syntax",
    "number for shape": "syntax", "number in brackets": "length", "comma alone": "syntax",
    "two commas": "syntax", "negative length": "length", "Boolean length": "length",
    "long length of Python 2": nil, "length with a point": "length",
    "hexadecimal length": "length", "length with underscore": "length",
    "length with zero before": "length", "text for length": "syntax", "no axis": "axes",
    "length 0": nil, "4 axes": "axes", "33 axes": "axes", "65 axes": "axes",
    "2^32 x 2^32": "tooLarge", "0 x 2^33 x 2^33": "tooLarge", "2^62": "tooLarge",
    "10^30 as a power": "length", "10^30 in digits": "length",
    "2^40 numbers in 136 bytes": "cut", "Fortran order": nil, "1 for Fortran order": "syntax",
    "text for Fortran order": "syntax", "big-endian": nil, "=f4": nil, "f4": nil, "|f4": nil,
    "float32": nil, "<f2": nil, "<f8": nil, "<i8": nil, "|b1": nil,
    "<f16": "unsupportedType", "<c8": "unsupportedType", "<U3": "unsupportedType",
    "|S3": "unsupportedType", "|S0 of 2^40": "unsupportedType", "<M8[s]": "unsupportedType",
    "|O": "unsupportedType", "|V4": "unsupportedType", "<V2": "unsupportedType",
    "bfloat16": "unsupportedType", "fields": "unsupportedType", "subarray": "unsupportedType",
    "<q9": "unsupportedType", "number for type": "syntax", "expression": "syntax",
    "deep nesting": "syntax", "NUL behind the dictionary": "syntax",
    "text behind the dictionary": "syntax",
  ]

  @Test("Every odd file is read or refused, as the table says, from memory and from disk")
  func oddFiles() throws {
    let folder = try TemporaryFolder()
    let files = try Self.files("odd")
    #expect(files.map(\.name) == Self.verdicts.map(\.key))
    for (file, verdict) in zip(files, Self.verdicts.map(\.value)) {
      let path = try folder.write(file.bytes, to: "odd.npy")
      for source in [
        { try NumpyArrayReader(bytes: file.bytes, name: path) },
        {
          try NumpyArrayReader(path: path)
        },
      ] {
        do {
          let array = try source()
          #expect(verdict == nil, "\(file.name) was read")
          #expect(try array.rows(0..<array.rowCount).allSatisfy { $0 == 0 }, "\(file.name)")
        } catch let error as NumpyError {
          let problem = "\(error.problem)".prefix { $0.isLetter }
          #expect(String(problem) == verdict, "\(file.name): \(error)")
          #expect(error.exitCode == .data && "\(error)".hasPrefix(path))
        }
      }
    }
  }

  @Test("What numpy refuses is refused")
  func refusesWithNumpy() throws {
    for (file, verdict) in zip(try Self.files("odd"), Self.verdicts.map(\.value))
    where try file.json.string(at: "numpy").hasPrefix("refuses") {
      #expect(verdict != nil, "\(file.name)")
    }
  }

  @Test("Arrays that numpy saved have its shape and numbers, whole and row by row")
  func savedArrays() throws {
    for file in try Self.files("saved") {
      let array = try NumpyArrayReader(bytes: file.bytes, name: file.name)
      let expected = try file.json.doubles(at: "numbers").map { Float($0) }
      #expect(array.shape == (try file.json.integers(at: "shape")), "\(file.name)")
      #expect(try array.rows(0..<array.rowCount) == expected, "\(file.name)")
      guard array.columnCount > 0 else { continue }
      let single = try (0..<array.rowCount).flatMap { try array.rows($0..<$0 + 1) }
      #expect(single == expected, "\(file.name)")
      let name = file.name.prefix(3)
      #expect("\(array.header.type)" == name && !array.header.bytes.isEmpty)
    }
  }

  @Test("A header is the bytes that numpy writes")
  func headers() throws {
    for file in try Self.files("saved") {
      let header = try NumpyArrayReader(bytes: file.bytes).header
      #expect(file.bytes.starts(with: header.bytes), "\(file.name)")
    }
  }

  @Test("Written rows are the file that numpy saves", arguments: ["<f2", "<f4", "<f8"])
  func writes(code: String) throws {
    let folder = try TemporaryFolder()
    let file = try #require(try Self.files("saved").first { $0.name == "\(code) (3, 4) C" })
    let kind = try #require(NumpyType(code: code)).kind
    let numbers = try NumpyArrayReader(bytes: file.bytes).rows(0..<3)
    let writer = try NumpyArrayWriter(
      path: folder.path("a.npy"), columnCount: 4, storage: kind)
    try writer.append(Array(numbers[..<4]))
    #expect(!FileSystem.exists(folder.path("a.npy")))
    try writer.append(Array(numbers[4...]))
    try writer.commit()
    let written = try InputFile.bytes(of: folder.path("a.npy"))
    // Doubles lose digits on the way through Float32.
    if code != "<f8" { #expect(written == file.bytes) }
    let read = try NumpyArrayReader(bytes: written)
    #expect(try read.rows(0..<3) == numbers && read.shape == [3, 4])
    #expect(written.count == file.bytes.count)
  }

  @Test("The first number that is not finite is named, unless such numbers are allowed")
  func namesInfinities() throws {
    for order in ["False", "True"] {
      let header = "{'descr':'<f4','fortran_order':\(order),'shape':(3,2)}"
      let numbers: [Float] = [0, 1, 2, 3, .nan, -.infinity]
      let array = try NumpyArrayReader(
        bytes: Self.file(header, numbers.map { $0.bitPattern.littleEndian }), name: "a.npy")
      let (row, column) = order == "True" ? (1, 1) : (2, 0)
      let expected = NumpyError(
        file: "a.npy", .notFinite(row: row, column: column, value: "nan"))
      #expect(throws: expected) { try array.rows(0..<3) }
      #expect(throws: expected) { try array.rows(1..<3) }
      #expect(try array.rows(0..<1).count == 2)
      #expect(try array.rows(0..<3, allowsNonFinite: true).count(where: \.isFinite) == 4)
    }
  }

  @Test("Numbers that no Float32 keeps are named")
  func namesUnrepresentable() throws {
    let wide = try NumpyArrayReader(
      bytes: Self.file(
        "{'descr':'<i8','fortran_order':False,'shape':(3,)}", [1, 1 << 24, 1 << 24 + 1]))
    #expect(try wide.rows(0..<2) == [1, 16_777_216])
    #expect(throws: NumpyError.self) { try wide.rows(0..<3) }
    let double = try NumpyArrayReader(
      bytes: Self.file(
        "{'descr':'<f8','fortran_order':False,'shape':(1,)}", [1e300.bitPattern]))
    #expect(throws: NumpyError.self) { try double.rows(0..<1) }
    let bool = try NumpyArrayReader(
      bytes: Self.file("{'descr':'|b1','fortran_order':False,'shape':(1,)}", [UInt8(2)]))
    #expect(throws: NumpyError.self) { try bool.rows(0..<1) }
  }

  @Test("Damaged files are read or refused, and never trap")
  func damage() throws {
    var generator = SplitMix(seed: 11)
    let originals = try Self.files("saved").map(\.bytes).filter { $0.count < 400 }
    for _ in 0..<20_000 {
      let original = try #require(originals.randomElement(using: &generator))
      let bytes = mutated(
        original, favouring: Array("0123456789,()'{}<>|fiub".utf8), with: &generator)
      guard let array = try? NumpyArrayReader(bytes: bytes, allowsTrailingBytes: true) else {
        continue
      }
      #expect(array.rowCount * array.columnCount <= bytes.count)
      if array.columnCount > 0 { _ = try? array.rows(0..<array.rowCount) }
    }
  }

  private static func file<Number: FixedWidthInteger>(
    _ header: String, _ numbers: [Number]
  ) -> [UInt8] {
    NumpyHeader.magic + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + numbers.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
  }

  @Test("An array is read from a pipe, which has no size and no places")
  func pipes() throws {
    let saved = try #require(
      try Self.files("saved").first { try $0.json.integers(at: "shape").count == 2 })
    let folder = try TemporaryFolder()
    let path = folder.path("pipe.npy")
    #expect(mkfifo(path, 0o600) == 0)
    let bytes = Data(saved.bytes)
    // Waits until the reader has opened the other end.
    Thread { FileHandle(forWritingAtPath: path)?.write(bytes) }.start()
    let array = try NumpyArrayReader(path: path)
    #expect(try array.shape == saved.json.integers(at: "shape"))
    let numbers = try saved.json.doubles(at: "numbers").map { Float($0) }
    #expect(try array.rows(0..<array.rowCount) == numbers)
  }
}
