// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@Suite("Gzip is unpacked")
struct GzipTests {
  static let names = [
    "empty", "one-byte", "level1", "level9", "stored", "fixed", "huffman-only", "runs",
    "small-blocks", "far", "noise", "all-fields", "members", "padded",
  ]

  private func packed(_ name: String) throws -> [UInt8] {
    let file = try RandomAccessFile(Golden.path("Formats/gzip/\(name).gz"))
    return try file.bytes(in: 0..<file.size)
  }

  private func unpack(
    _ packed: [UInt8], inPieces input: Int = .max, outPieces output: Int = 1 << 16
  ) throws -> [UInt8] {
    let source = GzipByteSource(MemoryByteSource(packed, name: "x.gz", pieceSize: input))
    var result: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: output)
    while true {
      let count = try piece.withUnsafeMutableBytes { try source.read(into: $0) }
      if count == 0 { return result }
      result += piece[..<count]
    }
  }

  private func problem(of packed: [UInt8]) -> GzipError.Problem? {
    do {
      _ = try unpack(packed)
    } catch {
      return (error as? GzipError)?.problem
    }
    return nil
  }

  @Test("Files packed by zlib in every way give back their bytes", arguments: names)
  func unpacks(name: String) throws {
    let index = try InputFile.json(of: Golden.path("Formats/gzip.json"))
    let bytes = try InputFile.bytes(of: Golden.path("Formats/gzip/\(name).gz"))
    #expect(try bytes.count == index.integer(at: name, "size"))
    #expect(try SHA256.hash(bytes).description == index.string(at: name, "sha256"))
  }

  @Test("The size of the pieces does not matter", arguments: [1, 7, 4_096])
  func streams(size: Int) throws {
    for name in ["small-blocks", "stored", "members", "all-fields", "far"] {
      let packed = try packed(name)
      #expect(try unpack(packed, inPieces: size, outPieces: size) == unpack(packed))
    }
  }

  @Test("Every cut of a file is refused", arguments: ["one-byte", "all-fields", "fixed", "far"])
  func refusesCuts(name: String) throws {
    let packed = try packed(name)
    for count in stride(from: 0, to: packed.count, by: max(1, packed.count / 300)) {
      #expect(problem(of: Array(packed[..<count])) == .truncated)
    }
  }

  @Test("A flipped bit anywhere in the data is refused", arguments: ["stored", "level1", "fixed"])
  func refusesFlips(name: String) throws {
    let original = try packed(name)
    var generator = SplitMix(seed: 5)
    for _ in 0..<60 {
      var packed = original
      packed[Int.random(in: 20..<packed.count, using: &generator)] ^= 1
      #expect(problem(of: packed) != nil)
    }
  }

  @Test("Malformed headers, trailers and data are named")
  func namesProblems() throws {
    let good = try packed("one-byte")
    func changed(_ place: Int, _ byte: UInt8) -> [UInt8] {
      var packed = good
      packed[place] = byte
      return packed
    }
    #expect(problem(of: changed(0, 0)) == .badHeader("not gzip"))
    #expect(problem(of: changed(2, 7)) == .badHeader("method 7"))
    #expect(problem(of: changed(3, 0x80)) == .badHeader("reserved flags"))
    #expect(problem(of: changed(good.count - 8, good[good.count - 8] ^ 1)) == .checksum)
    #expect(problem(of: changed(good.count - 4, 2)) == .length)
    #expect(problem(of: good + [1]) == .truncated)
    #expect(problem(of: good + Array("trailing garbage".utf8)) == .trailingGarbage)
    var fields = try packed("all-fields")
    fields[12] ^= 1
    #expect(problem(of: fields) == .badHeader("checksum"))
  }

  @Test(
    "Malformed deflate data are named",
    arguments: [
      ([0x07], "block type 3"),
      ([0x01, 0x01, 0x00, 0x00, 0x00], "stored length"),
      // Fixed block: a match of length 3 at distance 1 before anything was written.
      ([0x03, 0x02, 0x00], "a match before the beginning"),
      // Dynamic block with 30 + 257 literal symbols.
      ([0xF5, 0x00, 0x00], "too many symbols"),
      // Dynamic block whose lengths' code is over-full: 4 codes of one bit.
      ([0x05, 0x00, 0x92, 0x00, 0x00], "too many codes"),
    ] as [([UInt8], String)])
  func namesBadData(body: [UInt8], detail: String) {
    let packed = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF] + body + [UInt8](repeating: 0, count: 20)
    #expect(problem(of: packed) == .badData(detail))
  }

  @Test("A file that unpacks to more than the limit is refused")
  func limitsUnpackedSize() throws {
    let path = Golden.path("Formats/gzip/runs.gz")
    let error = try #require(throws: GzipError.self) {
      try InputFile.bytes(of: path, limit: 100_000)
    }
    #expect(error.problem == .tooLarge(limit: 100_000))
    #expect(error.description.hasPrefix("\(path): gzip: it unpacks to more than 100000 bytes"))
  }

  @Test("No damage traps", arguments: ["small-blocks", "fixed", "members", "all-fields"])
  func survivesMutations(name: String) throws {
    let original = Array(try packed(name).prefix(3_000))
    var generator = SplitMix(seed: 11)
    for _ in 0..<1_500 {
      let damaged = mutated(original, favouring: [0, 0xFF, 1, 0x1F, 0x8B], with: &generator)
      _ = try? unpack(damaged)
    }
  }
}
