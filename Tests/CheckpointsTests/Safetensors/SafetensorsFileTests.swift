// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneTensors
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("Safetensors files are checked whole before anything is read")
struct SafetensorsFileTests {
  @Test("Every odd file is accepted or refused for the right reason", arguments: OddFile.all)
  func judgesOddFiles(odd: OddFile) throws {
    guard let refusal = odd.refusal else {
      let file = try SafetensorsFile(bytes: odd.bytes, name: "odd")
      for tensor in file.tensors {
        #expect(try file.bytes(named: tensor.name).count <= odd.bytes.count)
      }
      return
    }
    let error = try #require(throws: SafetensorsError.self) {
      try SafetensorsFile(bytes: odd.bytes, name: "odd")
    }
    #expect("\(error.problem)".prefix { $0.isLetter } == refusal)
    #expect(error.description.hasPrefix("odd"))
    #expect(error.exitCode == .data)
  }

  @Test("A file on disk is judged as one in memory")
  func judgesFilesOnDisk() throws {
    let folder = try TemporaryFolder()
    for odd in OddFile.all {
      let path = try folder.write(odd.bytes, to: "odd.safetensors")
      let isAccepted = (try? SafetensorsFile(path)) != nil
      #expect(isAccepted == (odd.refusal == nil), "\(odd.testDescription)")
    }
  }

  @Test("Messages say where, what, what was expected and what to do")
  func explains() {
    func message(_ header: String, data: Int) -> String {
      do {
        _ = try SafetensorsFile(
          bytes: OddFile(nil, "", header, data: data).bytes, name: "m.safetensors")
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      message(OddFile.one(), data: 3)
        == "m.safetensors: the tensors end at data byte 4, the file at 3. "
        + "It is cut short; fetch it again.")
    #expect(
      message(OddFile.one(offsets: "[0,4.0]"), data: 4)
        == "m.safetensors: header: t.data_offsets[1]: found the number 4.0, expected an integer.")
    #expect(
      message(OddFile.one(shape: "[2]"), data: 4)
        == "m.safetensors: tensor 't' spans the data bytes 0 to 4, "
        + "expected 8 bytes for F32 [2].")
    #expect(
      message(#"{"t":{},}"#, data: 0)
        == "m.safetensors: header:1:9: found '}', expected a key in double quotes (byte 8).")
  }

  @Test("Values of every type are those that the reference library wrote")
  func readsAllTypes() throws {
    let file = try SafetensorsFile(Golden.path("Checkpoints/types.safetensors"))
    let expected = try InputFile.json(of: Golden.path("Checkpoints/types.json")).members()
    #expect(file.tensors.count == expected.count)
    for (name, field) in expected {
      let tensor = try file.tensor(named: name)
      #expect(tensor.shape == (try field.integers(at: "shape")))
      let values = try field.doubles(at: "values").map { Float($0) }
      #expect(tensor.values.map(\.bitPattern) == values.map(\.bitPattern), "\(name)")
    }
  }

  @Test("A tensor at an odd address is read")
  func readsUnaligned() throws {
    let header =
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
      + #""b":{"dtype":"F64","shape":[1],"data_offsets":[1,9]},"#
      + #""c":{"dtype":"F32","shape":[1],"data_offsets":[9,13]}}"#
    let numbers =
      withUnsafeBytes(of: 0.5) { Array($0) } + withUnsafeBytes(of: Float(3)) { Array($0) }
    let bytes = OddFile.file(Array(header.utf8), data: [7] + numbers)
    let file = try SafetensorsFile(bytes: bytes, name: "odd")
    #expect(try file.tensor(named: "a").values == [7])
    #expect(try file.tensor(named: "b").values == [0.5])
    #expect(try file.tensor(named: "c").values == [3])
  }

  private func oneTensor(_ type: String, _ data: [UInt8]) throws -> SafetensorsFile {
    let header = OddFile.one(type, offsets: "[0,\(data.count)]")
    return try SafetensorsFile(bytes: OddFile.file(Array(header.utf8), data: data), name: "odd")
  }

  @Test("Numbers that Float32 cannot keep are refused, not bent")
  func refusesUnrepresentable() throws {
    let cases: [(String, [UInt8], String)] = [
      ("BOOL", [2], "number 0 of tensor 't' is neither 0 nor 1"),
      ("I32", withUnsafeBytes(of: Int32(16_777_217), Array.init), "cannot be kept in a Float32"),
      ("U64", withUnsafeBytes(of: UInt64.max, Array.init), "cannot be kept in a Float32"),
      ("F64", withUnsafeBytes(of: 1e300, Array.init), "cannot be kept in a Float32"),
      ("C64", [UInt8](repeating: 0, count: 8), "Convert the file to F32 or F16"),
      ("F8_E4M3", [0], "Convert the file to F32 or F16"),
    ]
    for (type, data, text) in cases {
      let file = try oneTensor(type, data)
      let error = try #require(throws: SafetensorsError.self) { try file.tensor(named: "t") }
      #expect(error.description.contains(text), "\(type)")
      #expect(try file.bytes(named: "t") == data)
    }
    #expect(
      try oneTensor("F64", withUnsafeBytes(of: Double.infinity, Array.init))
        .tensor(named: "t").values == [.infinity])
  }

  @Test("A name that is not there is told with the nearest that is")
  func suggestsNames() throws {
    let file = try SafetensorsFile(Golden.path("Checkpoints/float32.safetensors"))
    let error = try #require(throws: SafetensorsError.self) {
      try file.tensor(named: "layers.10.weigth")
    }
    #expect(error.problem == .noTensor("layers.10.weigth", nearest: "layers.10.weight"))
  }

  @Test("An unknown field is left out with a warning")
  func warns() throws {
    let bytes = OddFile(nil, "", OddFile.one(more: #","x":1"#), data: 4).bytes
    let file = try SafetensorsFile(bytes: bytes, name: "m")
    #expect(file.warnings == ["m: tensor 't' has the unknown field 'x', left out."])
  }

  @Test("A file that is cut short after it was opened is told, not fatal")
  func survivesCutting() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      SafetensorsWriter([("t", Tensor([1, 2, 3]))]).bytes(), to: "t.safetensors")
    let file = try SafetensorsFile(path)
    #expect(truncate(path, 100) == 0)
    let error = try #require(throws: SafetensorsError.self) { try file.tensor(named: "t") }
    #expect(error.problem == .cut(tensor: "t"))
  }

  @Test("No damaged file traps, and none claims more than it holds", arguments: 0..<4)
  func survivesMutations(seed: Int) throws {
    var generator = SplitMix(seed: UInt64(seed))
    let interesting = Array(#"{}[]",:0123456789-.eFIUB8664nulltrue\ "#.utf8) + [0, 0x7F, 0xFF]
    let seeds = OddFile.all.filter { $0.refusal == nil }.map(\.bytes)
    var accepted = 0
    for _ in 0..<6_000 {
      guard let original = seeds.randomElement(using: &generator) else { return }
      var bytes = mutated(original, favouring: interesting, with: &generator)
      if Bool.random(using: &generator), original.count >= 8 {
        // Byte mutations rarely pass the length; here only header and data are damaged.
        let body = mutated(Array(original[8...]), favouring: interesting, with: &generator)
        let length = body.lastIndex(of: UInt8(ascii: "}")).map { $0 + 1 } ?? body.count
        bytes = OddFile.file(body, length: UInt64(length))
      }
      guard let file = try? SafetensorsFile(bytes: bytes, name: "mutated") else { continue }
      accepted += 1
      for tensor in file.tensors {
        guard let value = try? file.tensor(named: tensor.name) else { continue }
        #expect(value.shape == tensor.shape)
        #expect(value.count <= bytes.count)
      }
    }
    #expect(accepted > 50)
  }
}
