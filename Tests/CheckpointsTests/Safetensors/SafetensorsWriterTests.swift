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

  @Test(
    "Numbers too large for two bytes are refused with their place",
    arguments: [(WeightStorage.float16, Float(65_520)), (.bfloat16, 3.4e38)])
  func refusesOverflow(storage: WeightStorage, number: Float) throws {
    let tensors: [NamedTensor] = [("w", Tensor([1, number]))]
    let error = try #require(throws: WeightStorageError.self) {
      try SafetensorsWriter(tensors, storage: storage).bytes()
    }
    #expect(error.tensor == "w" && error.index == 1 && error.value == number)
    #expect(error.storage == storage)
    #expect(try SafetensorsWriter(tensors, storage: .float32).bytes().count > 8)
  }

  @Test("What is written in two bytes reads back as the rounded number")
  func roundsToTwoBytes() throws {
    // 1 + 2^-8 lies in the middle of two bfloat16, and goes to the even one.
    let tensors: [NamedTensor] = [("w", Tensor([0x1.01p0, 0x1.03p0, -0x1.010002p0, 3]))]
    let bytes = try SafetensorsWriter(tensors, storage: .bfloat16).bytes()
    let file = try SafetensorsFile(bytes: bytes, name: "memory")
    #expect(file.tensors[0].elementType == .bfloat16)
    #expect(try file.tensor(named: "w").values == [1, 0x1.04p0, -0x1.02p0, 3])
  }
}
