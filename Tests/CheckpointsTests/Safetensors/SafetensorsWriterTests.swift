// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneTensors
import TestSupport
import Testing

@Suite("Safetensors files are written as the reference library writes them")
struct SafetensorsWriterTests {
  private func tensors() throws -> [NamedTensor] {
    try InputFile.json(of: Golden.path("Checkpoints/written.json")).members().map { name, field in
      let values = try field.doubles(at: "values").map { Float($0) }
      return (name, Tensor(values, shape: try field.integers(at: "shape")))
    }
  }

  @Test(
    "The bytes are the reference's, in any order of the tensors",
    arguments: [(WeightStorage.float32, "float32"), (.float16, "float16")])
  func writesReferenceBytes(storage: WeightStorage, name: String) throws {
    let golden = try InputFile.bytes(of: Golden.path("Checkpoints/\(name).safetensors"))
    let tensors = try tensors()
    #expect(try SafetensorsWriter(tensors, storage: storage).bytes() == golden)
    #expect(try SafetensorsWriter(tensors.reversed(), storage: storage).bytes() == golden)
  }

  @Test("What is written reads back bit by bit")
  func readsBack() throws {
    var generator = SplitMix(seed: 3)
    for count in [0, 1, 7, 70_000] {
      let values = (0..<count).map { _ in
        Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
      }
      let bytes = try SafetensorsWriter([("x", Tensor(values))]).bytes()
      let file = try SafetensorsFile(bytes: bytes, name: "x")
      #expect(
        try file.tensor(named: "x").values.map(\.bitPattern) == values.map(\.bitPattern))
      #expect(file.metadata("format") == "pt")
    }
  }

  @Test("The data begins at a multiple of 8 bytes", arguments: 1...9)
  func aligns(nameLength: Int) throws {
    let name = String(repeating: "n", count: nameLength)
    let bytes = try SafetensorsWriter([(name, Tensor([1]))]).bytes()
    #expect(bytes[0] % 8 == 0)
    #expect(bytes.count == 8 + Int(bytes[0]) + 4)
  }

  @Test("Numbers beyond Float16 are refused with their place")
  func refusesOverflow() throws {
    let tensors: [NamedTensor] = [("w", Tensor([1, 65_520]))]
    let error = try #require(throws: WeightStorageError.self) {
      try SafetensorsWriter(tensors, storage: .float16).bytes()
    }
    #expect(error.tensor == "w")
    #expect(error.index == 1)
    #expect(error.value == 65_520)
    #expect(try SafetensorsWriter(tensors, storage: .float32).bytes().count > 8)
  }
}
