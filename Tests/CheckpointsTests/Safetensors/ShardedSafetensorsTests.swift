// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneTensors
import TestSupport
import Testing

@Suite("Weights in several files are one source")
struct ShardedSafetensorsTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (name, tensors) in [("one", ["a", "b"]), ("two", ["c"])] {
      let bytes = try SafetensorsWriter(tensors.map { ($0, Tensor([1])) }).bytes()
      try folder.write(bytes, to: "\(name).safetensors")
    }
  }

  private func open(_ map: String) throws -> ShardedSafetensors {
    let path = try folder.write(#"{"weight_map":\#(map)}"#, to: "model.safetensors.index.json")
    return try ShardedSafetensors(index: path)
  }

  @Test("The reference's two files have the tensors of its one file")
  func readsReference() throws {
    let whole = try SafetensorsFile(Golden.path("Checkpoints/float32.safetensors"))
    let index = Golden.path("Checkpoints/model.safetensors.index.json")
    let sharded = try ShardedSafetensors(index: index)
    #expect(sharded.tensors.count == whole.tensors.count)
    for tensor in whole.tensors {
      #expect(sharded.tensors.contains(tensor))
      let expected = try whole.tensor(named: tensor.name).values
      #expect(try sharded.tensor(named: tensor.name).values == expected)
    }
  }

  @Test(
    "File names that lead elsewhere are refused",
    arguments: [
      "../one.safetensors", "/one.safetensors", "x/one.safetensors", "..",
      #"x\\one.safetensors"#, "", "one.bin", ".one.safetensors", #"one\u0000.safetensors"#,
    ])
  func refusesPaths(name: String) throws {
    let error = try #require(throws: JSONFieldError.self) { try open(#"{"a":"\#(name)"}"#) }
    #expect(error.path == "weight_map.a")
    #expect(error.description.contains("expected the name of a .safetensors file"))
  }

  @Test("A tensor that only the index or only a file knows is told, all at once")
  func refusesDisagreement() throws {
    let error = try #require(throws: ShardIndexError.self) {
      try open(#"{"a":"one.safetensors","c":"one.safetensors","d":"two.safetensors"}"#)
    }
    let found = error.disagreements.map { "\($0.tensor) \($0.file) \($0.isInFile)" }
    #expect(
      Set(found) == [
        "b one.safetensors true", "c one.safetensors false", "c two.safetensors true",
        "d two.safetensors false",
      ])
    #expect(error.description.contains("one.safetensors holds 'b'"))
  }

  @Test("A missing file is told by its path")
  func refusesMissingFile() throws {
    let error = try #require(throws: FileError.self) {
      try open(#"{"a":"three.safetensors"}"#)
    }
    #expect(error.path == folder.path("three.safetensors"))
    #expect(error.reason == .missing)
  }
}
