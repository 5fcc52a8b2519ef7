// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneTensors
import TestSupport
import Testing

@Suite("A model folder is opened with checks and written whole")
struct ModelFolderTests {
  let parent: TemporaryFolder

  init() throws { parent = try TemporaryFolder() }

  private func create(overwriting: Bool = false, step: Int = 1) throws {
    try ModelFolder.create(parent.path("model"), overwriting: overwriting) { writer in
      try writer.write(["model_type": "bert", "hidden_size": 4], to: "config.json")
      try writer.write(["step": .integer(step)], to: "attune.json")
      try writer.write(SmallModel(value: 2))
    }
  }

  @Test("What is written opens again")
  func roundTrips() throws {
    try create()
    let folder = try ModelFolder(parent.path("model"))
    #expect(try folder.configuration().string(at: "model_type") == "bert")
    #expect(try folder.attune()?.integer(at: "step") == 1)
    #expect(try folder.optionalJSON("missing.json") == nil)
    var model = SmallModel()
    try model.load(from: folder.weights())
    #expect(model.scale?.values == [2])
    let text = try InputFile.text(of: folder.path(of: "config.json"))
    #expect(text == "{\n  \"model_type\": \"bert\",\n  \"hidden_size\": 4\n}\n")
  }

  @Test("An existing model is replaced only when asked")
  func refusesExisting() throws {
    try create()
    let error = try #require(throws: FileError.self) { try create(step: 2) }
    #expect(error.reason == .exists)
    try create(overwriting: true, step: 3)
    #expect(try ModelFolder(parent.path("model")).attune()?.integer(at: "step") == 3)
    try parent.write("x", to: "home/letter.txt")
    #expect(throws: FileError.self) {
      try ModelFolder.create(parent.path("home"), overwriting: true) { _ in }
    }
  }

  @Test("A failure midway leaves nothing")
  func leavesNothing() throws {
    let error = try #require(throws: NonFiniteError.self) {
      try ModelFolder.create(parent.path("model")) { writer in
        try writer.write(["model_type": "bert"], to: "config.json")
        try writer.write(SmallModel(value: .nan))
      }
    }
    #expect(error.tensors.map(\.name) == ["layers.0.weight", "layers.1.weight", "scale", "mean"])
    #expect(try FileSystem.entries(of: parent.path).isEmpty)
  }

  @Test("The encoder of an old text embedder lies in a subfolder that its modules name")
  func opensNestedEncoder() throws {
    func modules(_ path: String) throws {
      try parent.write(
        #"[{"path": "\#(path)", "type": "sentence_transformers.models.Transformer"}]"#,
        to: "model/modules.json")
    }
    try modules("0_Transformer")
    try parent.write(#"{"model_type": "bert"}"#, to: "model/0_Transformer/config.json")
    try parent.write(
      SafetensorsWriter([("a", Tensor([3]))]).bytes(), to: "model/0_Transformer/model.safetensors")
    let folder = try ModelFolder(parent.path("model"))
    #expect(folder.encoderPlace == "0_Transformer")
    #expect(folder.encoderPath == parent.path("model/0_Transformer"))
    #expect(try folder.configuration().string(at: "model_type") == "bert")
    #expect(try folder.weights().tensor(named: "a").values == [3])
    try modules("elsewhere")
    #expect(throws: FileError.self) { try ModelFolder(parent.path("model")) }
    try modules("../model")
    let error = try #require(throws: JSONFieldError.self) {
      try ModelFolder(parent.path("model"))
    }
    #expect("\(error)".contains("expected a path inside the model's folder"))
    try modules("")
    #expect(throws: ModelFolderError.self) { try ModelFolder(parent.path("model")) }
  }

  @Test("Weights in several files are found by their index")
  func opensShards() throws {
    try parent.write("{}", to: "model/config.json")
    try parent.write(
      SafetensorsWriter([("a", Tensor([1]))]).bytes(), to: "model/one.safetensors")
    try parent.write(
      #"{"weight_map":{"a":"one.safetensors"}}"#, to: "model/model.safetensors.index.json")
    let weights = try ModelFolder(parent.path("model")).weights()
    #expect(try weights.tensor(named: "a").values == [1])
  }

  @Test(
    "Weights of other kinds are refused with the way to convert them",
    arguments: [
      ("pytorch_model.bin", .torch, "torch.load(\"pytorch_model.bin\""),
      ("model.pt", .torch, "safetensors.torch.save_file"),
      ("pytorch_model-00001-of-00002.bin", .torchShards, "from_pretrained(\".\")"),
      ("epoch=3.ckpt", .checkpoint, "[\"state_dict\"]"),
      ("tf_model.h5", .keras, "from_tf=True"),
      ("flax_model.msgpack", .flax, "from_flax=True"),
    ] as [(String, ModelFolderError.ForeignWeights, String)])
  func refusesOtherKinds(
    name: String, kind: ModelFolderError.ForeignWeights, advice: String
  ) throws {
    try parent.write("{}", to: "model/config.json")
    try parent.write("\u{80}", to: "model/training_args.bin")
    try parent.write("\u{80}", to: "model/\(name)")
    let error = try #require(throws: ModelFolderError.self) {
      try ModelFolder(parent.path("model")).weights()
    }
    #expect(error.problem == .foreignWeights(name, kind))
    #expect(error.description.contains(advice), "\(error)")
  }

  @Test("A folder without a model says what it holds")
  func refusesOthers() throws {
    try parent.write("x", to: "notes/a.txt")
    var error = try #require(throws: ModelFolderError.self) {
      try ModelFolder(parent.path("notes"))
    }
    #expect(error.description.hasSuffix("expected a folder with a model. It holds a.txt."))
    try parent.write("{}", to: "notes/config.json")
    error = try #require(throws: ModelFolderError.self) {
      try ModelFolder(parent.path("notes")).weights()
    }
    #expect(error.problem == .noWeights(found: ["a.txt", "config.json"]))
    #expect(throws: FileError.self) { try ModelFolder(parent.path("nowhere")) }
  }

  @Test(
    "Paths in a file lead nowhere outside the folder",
    arguments: ["../x", "/etc", "a/../../b", "", ".", "a//b", "a/", #"a\b"#, "a\0b"])
  func refusesPaths(name: String) throws {
    try parent.write("{}", to: "model/config.json")
    let folder = try ModelFolder(parent.path("model"))
    let field = JSONField(.string(name), source: "modules.json")
    #expect(throws: JSONFieldError.self) { try folder.path(ofUntrusted: name, from: field) }
    #expect(
      try folder.path(ofUntrusted: "1_Pooling/x", from: field) == folder.path(of: "1_Pooling/x"))
  }
}
