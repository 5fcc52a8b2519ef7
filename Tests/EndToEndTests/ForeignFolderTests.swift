// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

@Suite("Folders that others made are explained and converted")
struct ForeignFolderTests {
  let program: Program

  init() throws { program = try Program() }

  private func golden(_ name: String) -> String { Golden.path("Models/Families/\(name)") }

  private func inspect(_ path: String) throws -> JSONField {
    let result = try program("inspect", path, "--json")
    #expect(result.status == 0, "\(result.error)")
    return JSONField(try JSONValue(parsing: Array(result.output.utf8), source: ""))
  }

  @Test("A classifier says its family, labels and types, and what uses it")
  func explainsClassifier() throws {
    let json = try inspect(Golden.path("Models/Classifiers/bert"))
    #expect(try json.string(at: "family") == "bert")
    #expect(try json.string(at: "opens_in") == "transformers (BertForSequenceClassification)")
    #expect(try json.strings(at: "labels") == ["negative", "neutral", "positive"])
    #expect(try json.string(at: "tokenizer", "model") == "WordPiece")
    let count = try json.integer(at: "parameters")
    #expect(try json.integer(at: "weights", "F32") == count)
    let uses = try json.fields(at: "uses")
    #expect(try uses.map { try $0.string(at: "command") }.contains("classify"))
    #expect(try uses.allSatisfy { try !$0.has("obstacle") })
    let text = try program("inspect", Golden.path("Models/Classifiers/bert"))
    for part in ["bert (BertForSequenceClassification)", "attune classify  ", "single-label"] {
      #expect(text.output.contains(part), "\(part)\n\(text.output)")
    }
  }

  @Test("A model without a classifier says what it is, what is not read and what it lacks")
  func explainsOthers() throws {
    let json = try inspect(golden("old-names"))
    #expect(try json.strings(at: "architectures") == ["BertForPreTraining"])
    #expect(try json.string(at: "head") == "masked tokens")
    let ignored = try json.fields(at: "ignored").flatMap { try $0.strings(at: "tensors") }
    #expect(ignored.contains("embeddings.position_ids"))
    #expect(ignored.contains("cls.seq_relationship.weight"))
    #expect(!ignored.contains("cls.predictions.bias"))
    let parts = try json.fields(at: "modules").map { try $0.string(at: "name") }
    #expect(parts.contains("encoder.layers.0") && parts.contains("head.dense"))
    let uses = try json.fields(at: "uses")
    for use in uses where try use.string(at: "command") == "classify" {
      #expect(try use.string(at: "obstacle").contains("BertForSequenceClassification"))
    }
    #expect(uses.count == 3)
    let text = try program("inspect", golden("bfloat16"))
    for part in ["roberta (RobertaModel)", "BF16", "none that can be read", "attune embed"] {
      #expect(text.output.contains(part), "\(part)\n\(text.output)")
    }
  }

  @Test("An unknown family is refused with the known ones")
  func refusesUnknown() throws {
    let config = try InputFile.text(of: golden("bfloat16") + "/config.json")
    try program.folder.write(
      config.replacing("\"roberta\"", with: "\"bart\""), to: "bart/config.json")
    try program.folder.write(
      InputFile.bytes(of: golden("bfloat16") + "/model.safetensors"), to: "bart/model.safetensors")
    let result = try program("inspect", "bart")
    #expect(result.status == 65 && result.output.isEmpty)
    #expect(result.error.contains("distilbert, roberta, xlm-roberta"), "\(result.error)")
  }

  @Test("Smaller weights leave all other files as they are", arguments: ["float16", "bfloat16"])
  func converts(storage: String) throws {
    for file in ["config.json", "model.safetensors"] {
      try program.folder.write(
        InputFile.bytes(of: golden("bert-masked") + "/\(file)"), to: "in/\(file)")
    }
    try program.folder.write("# A card", to: "in/README.md")
    try program.folder.write("x", to: "in/training_args.bin")
    let result = try program(
      "convert", "--model", "in", "--output", "out", "--weights", storage)
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("transformers (BertForMaskedLM)"), "\(result.error)")
    #expect(
      try FileSystem.entries(of: program.folder.path("out")).sorted()
        == ["README.md", "config.json", "model.safetensors"])
    let sizes = try ["in", "out"].map {
      try FileSystem.size(of: program.folder.path("\($0)/model.safetensors"))
    }
    #expect(sizes[1] < sizes[0] * 6 / 10)
    let config = try InputFile.json(of: program.folder.path("out/config.json"))
    #expect(try config.string(at: "dtype") == storage)
    #expect(
      try inspect(program.folder.path("out")).integer(
        at: "weights", storage == "float16" ? "F16" : "BF16") > 10_000)
  }
}
