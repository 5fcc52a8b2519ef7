// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttuneRecipes
import AttuneTensors
import TestSupport
import Testing

@Suite("Folders with other weights")
struct ModelConversionTests {
  let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  private func convert(_ path: String, _ storage: WeightStorage) throws -> ModelFolder {
    let output = temporary.path("\(storage)")
    _ = try ModelConversion.run(model: path, output: output, storage: storage)
    return try ModelFolder(output)
  }

  @Test(
    "Every kind of folder keeps its numbers, rounded, and its names",
    arguments: [
      "bert-masked", "distilbert-classifier", "sharded", "untied", "old-names", "bfloat16",
    ])
  func rounds(name: String) throws {
    let source = try ModelFolder(Golden.path("Models/Families/\(name)"))
    let weights = try source.weights()
    for (storage, bound) in [
      (WeightStorage.float32, Float(0)), (.float16, 0x1p-11), (.bfloat16, 0x1p-8),
    ] {
      let converted = try convert(source.path, storage).weights()
      let floats = weights.tensors.filter(\.elementType.isFloat)
      #expect(Set(converted.tensors.map(\.name)) == Set(floats.map(\.name)))
      for tensor in floats {
        let pairs = zip(
          try weights.tensor(named: tensor.name).values,
          try converted.tensor(named: tensor.name).values)
        #expect(pairs.allSatisfy { abs($0 - $1) <= bound * abs($0) + 0x1p-25 }, "\(tensor.name)")
      }
    }
  }

  @Test("The modules of an embedder are converted with it")
  func convertsModules() throws {
    let golden = try ModelFolder(Golden.path("Models/Families/roberta-masked"))
    let configuration = try ClassifierFolder.configuration(
      adapting: golden, labels: ["a", "b", "c"])
    let model = try ClassifierFolder.model(
      adapting: golden, configuration, key: RandomKey(seed: 3))
    let path = temporary.path("in")
    try ModelFolder.create(path) {
      try ClassifierFolder.write(model, configuration, attune: ["maximum_length": 9], with: $0)
    }
    let converted = try convert(path, .float16)
    for file in ["modules.json", "1_Pooling/config.json", "2_Dense/config.json", "attune.json"] {
      #expect(
        try InputFile.bytes(of: converted.path(of: file))
          == InputFile.bytes(of: FileSystem.join(path, file)), "\(file)")
    }
    for part in ["", "2_Dense"] {
      let types = try converted.weights(in: part).tensors.map(\.elementType)
      #expect(!types.isEmpty && types.allSatisfy { $0 == .float16 })
    }
    let read = try ClassifierFolder(converted)
    #expect(read.configuration == configuration && read.layout == .sentenceTransformers)
  }

  @Test("A folder that could not be used is not written again")
  func refusesDamage() throws {
    let golden = Golden.path("Models/Families/bert-masked")
    let text = try InputFile.text(of: "\(golden)/config.json")
    try temporary.write(
      text.replacing("\"num_hidden_layers\": 2", with: "\"num_hidden_layers\": 3"),
      to: "in/config.json")
    try temporary.write(
      InputFile.bytes(of: "\(golden)/model.safetensors"), to: "in/model.safetensors")
    #expect(throws: ParameterLoadingError.self) {
      try ModelConversion.run(model: temporary.path("in"), output: temporary.path("out"))
    }
    #expect(!FileSystem.exists(temporary.path("out")))
  }
}
