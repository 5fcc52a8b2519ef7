// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneDecoding
import AttuneFormats
import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@testable import AttuneModels

/// A tiny captioner and what PyTorch computes with its numbers.
private struct CaptionerGolden {
  static let names = ["projected", "mapped", "sequence"]

  let path: String
  let document: JSONField

  init(_ name: String) throws {
    path = Golden.path("Models/Captioners/\(name)")
    document = try InputFile.json(of: path + ".json")
  }

  func items() throws -> PackedStates {
    let values = try document.doubles(at: "vectors").map { Float($0) }
    let layout = SequenceLayout(lengths: try document.integers(at: "lengths"))
    return PackedStates(
      states: Tensor(values, shape: [layout.tokenCount, values.count / layout.tokenCount]),
      layout: layout)
  }

  func ids(_ key: String) throws -> [[Int32]] {
    try document.fields(at: key).map { try $0.integers().map { Int32($0) } }
  }
}

@Suite("Folders of captioners")
struct CaptionerFolderTests {
  private func expect(_ found: [Double], _ expected: [Double]) {
    #expect(found.count == expected.count)
    let largest = zip(found, expected).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? .infinity
    #expect(largest < 1e-5, "\(largest)")
  }

  @Test("Memory and logits are those of PyTorch", arguments: CaptionerGolden.names)
  func logits(name: String) throws {
    let golden = try CaptionerGolden(name)
    let model = try CaptionerFolder(ModelFolder(golden.path)).model
    let items = try golden.items()
    let memory = model.encoder.encode(items, mode: .inference)
    expect(memory.states.doubles, try golden.document.doubles(at: "memory"))
    var state = model.begin(items, mode: .inference)
    let states = model.states(
      for: TokenBatch(try golden.ids("targets")), state: &state, mode: .inference)
    expect(model.logits(of: states).doubles, try golden.document.doubles(at: "logits"))
  }

  @Test(
    "Greedy search writes what PyTorch's most probable tokens are", arguments: CaptionerGolden.names
  )
  func greedy(name: String) throws {
    let golden = try CaptionerGolden(name)
    let folder = try CaptionerFolder(ModelFolder(golden.path))
    let tokens = folder.configuration.tokens
    let search = GreedySearch(
      limits: DecodingLimits(start: tokens.start, end: tokens.end, maximumLength: 11))
    let found = search(folder.model, try golden.items())
    for (hypothesis, expected) in zip(found, try golden.ids("greedy")) {
      #expect(hypothesis.tokens + (hypothesis.isFinished ? [tokens.end] : []) == expected)
    }
  }

  @Test("A saved captioner reads back equal", arguments: CaptionerGolden.names)
  func roundTrip(name: String) throws {
    let golden = try CaptionerFolder(ModelFolder(CaptionerGolden(name).path))
    let folder = try TemporaryFolder()
    let path = folder.path("saved")
    try ModelFolder.create(path) {
      try CaptionerFolder.write(
        golden.model, golden.configuration, generation: golden.generation,
        attune: ["task": "captioning"], with: $0)
    }
    let again = try CaptionerFolder(ModelFolder(path))
    #expect(again.configuration == golden.configuration && again.generation == golden.generation)
    for (a, b) in zip(again.model.namedTensors, golden.model.namedTensors) {
      #expect(a.name == b.name && a.tensor.values == b.tensor.values, "\(a.name)")
    }
    #expect(
      try Set(SafetensorsFile(FileSystem.join(path, "model.safetensors")).tensors.map(\.name))
        == Set(
          SafetensorsFile(FileSystem.join(CaptionerGolden(name).path, "model.safetensors"))
            .tensors.map(\.name)))
  }

  @Test(
    "What was measured on vectors is not rounded with the weights",
    arguments: [WeightStorage.float16, .bfloat16, .int8])
  func keepsMeasurements(storage: WeightStorage) throws {
    let golden = try CaptionerFolder(ModelFolder(CaptionerGolden("projected").path))
    var model = golden.model
    let width = model.encoder.vectorDimension
    // A mean beyond what two bytes hold, and a deviation far below its last place there.
    model.encoder.standardization?.mean = Tensor(repeating: 100_000.25, shape: [width])
    model.encoder.standardization?.deviation = Tensor(repeating: 1.5e-5, shape: [width])
    let folder = try TemporaryFolder()
    let path = folder.path("saved")
    try ModelFolder.create(path) {
      try CaptionerFolder.write(
        model, golden.configuration, attune: nil, storage: storage, with: $0)
    }
    let again = try #require(CaptionerFolder(ModelFolder(path)).model.encoder.standardization)
    #expect(again.mean.values == [Float](repeating: 100_000.25, count: width))
    #expect(again.deviation.values == [Float](repeating: 1.5e-5, count: width))
    let names = try CaptionerFolder.storedTensors(of: model).map(\.name)
    #expect(CaptionerFolder.wholeTensors.isSubset(of: names))
  }

  @Test("A column is scaled by its mean and deviation, one that never differs is only shifted")
  func fitting() {
    let values: [Float] = [1, 7, 1e8, 3, 7, 1e8, 5, 7, 1e8, 7, 7, 1e8]
    let fitted = VectorStandardization(fitting: values, dimension: 3)
    #expect(fitted.mean.values == [4, 7, 1e8])
    #expect(fitted.deviation.values == [Float(5).squareRoot(), 1, 1])
    let scaled = fitted(Tensor([6, 7.5, 1e8], shape: [1, 3])).values
    #expect(abs(scaled[0] - 2 / Float(5).squareRoot()) < 1e-6 && scaled[1...] == [0.5, 0])
  }

  @Test("With one deviation for all columns distances keep their proportions")
  func centering() {
    let values: [Float] = [1, 70, 3, 30, 5, 50, 7, 50]
    let fitted = VectorStandardization(fitting: values, dimension: 2, sharesDeviation: true)
    #expect(fitted.mean.values == [4, 50])
    // The variances are 5 and 200.
    #expect(fitted.deviation.values == [Float](repeating: Float(102.5).squareRoot(), count: 2))
  }
}
