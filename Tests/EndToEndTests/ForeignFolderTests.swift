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
    for use in uses {
      let isGuessing = try use.string(at: "command") == "fill-mask"
      #expect(try use.has("obstacle") == isGuessing)
    }
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
    #expect(uses.count == 4)
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

  /// Copies the folder of a text embedder, its encoder into `0_Transformer` as the first versions of sentence-transformers did.
  private func nest(_ source: String, as name: String) throws {
    let encoder = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    let inside = encoder + ["vocab.txt", "special_tokens_map.json", "sentence_bert_config.json"]
    for entry in try FileSystem.entries(of: source) {
      let path = FileSystem.join(source, entry)
      if FileSystem.isFolder(path) {
        for file in try FileSystem.entries(of: path) {
          try program.folder.write(
            InputFile.bytes(of: FileSystem.join(path, file)), to: "\(name)/\(entry)/\(file)")
        }
      } else if entry == "modules.json" {
        let modules = try InputFile.text(of: path)
        try program.folder.write(
          modules.replacing("\"path\": \"\"", with: "\"path\": \"0_Transformer\""),
          to: "\(name)/modules.json")
      } else {
        let place = inside.contains(entry) ? "0_Transformer/\(entry)" : entry
        try program.folder.write(InputFile.bytes(of: path), to: "\(name)/\(place)")
      }
    }
  }

  private func output(_ arguments: String...) throws -> String {
    let result = try program.run(arguments)
    #expect(result.status == 0, "\(arguments): \(result.error)")
    return result.output
  }

  @Test("Text embedders with their encoder in 0_Transformer open wherever others do")
  func opensNestedEncoders() throws {
    let flat = Golden.path("Models/Embedders/folder")
    try nest(flat, as: "nested")
    #expect(
      try output("embed", "a good film", "--model", "nested", "--json")
        == output("embed", "a good film", "--model", flat, "--json"))
    #expect(
      try output("tokenize", "a good film", "--model", "nested", "--json")
        == output("tokenize", "a good film", "--model", flat, "--json"))
    let json = try inspect("nested")
    #expect(try json.integer(at: "embedding", "dimension") == 12)
  }

  @Test("A text embedder says how long texts may be, its maps and its prompts")
  func explainsEmbedder() throws {
    let folder = Golden.path("Models/Embedders/folder")
    let json = try inspect(folder)
    #expect(try json.integer(at: "maximum_length") == 14)
    #expect(try json.strings(at: "embedding", "pooling") == ["first", "mean"])
    let dense = try json.fields(at: "embedding", "dense")
    #expect(try dense.map { try $0.integer(at: "in") } == [32])
    #expect(try dense.map { try $0.integer(at: "out") } == [12])
    #expect(try json.string(at: "embedding", "similarity") == "dot")
    #expect(try json.string(at: "embedding", "prompts", "document") == "film: ")
    #expect(try json.string(at: "embedding", "default_prompt") == "document")
    let text = try program("inspect", folder).output
    for part in ["14 tokens", "a map of 32 to 12", "query, document (unless told)"] {
      #expect(text.contains(part), "\(part)\n\(text)")
    }
  }

  @Test("So do classifiers in such folders")
  func opensNestedClassifiers() throws {
    try program.folder.write(
      "text,label\n" + (0..<12).map { "a film \($0),\($0 % 2)\n" }.joined(), to: "films.csv")
    func train(_ origin: String, _ run: String) throws {
      _ = try output(
        "train", "classifier", "films.csv", "--from", origin, "--output", run, "--max-steps", "2")
    }
    try train("bundled", "flat")
    try nest(program.folder.path("flat/best"), as: "nested")
    for arguments in [["classify", "a film"], ["embed", "a film"], ["tokenize", "a film"]] {
      let answers = try ["flat/best", "nested"].map {
        try program.run(arguments + ["--model", $0]).output
      }
      #expect(answers[0] == answers[1] && !answers[0].isEmpty, "\(arguments)")
    }
    try train("flat/best", "from-flat")
    try train("nested", "from-nested")
    for file in ["model.safetensors", "2_Dense/model.safetensors", "config.json", "tokenizer.json"]
    {
      let contents = try ["from-flat", "from-nested"].map {
        try InputFile.bytes(of: program.folder.path("\($0)/best/\(file)"))
      }
      #expect(contents[0] == contents[1], "\(file)")
    }
    _ = try output(
      "convert", "--model", "nested", "--output", "small", "--weights", "float16")
    #expect(FileSystem.exists(program.folder.path("small/0_Transformer/model.safetensors")))
    #expect(!FileSystem.exists(program.folder.path("small/model.safetensors")))
    #expect(
      try output("classify", "a film", "--model", "small").split(separator: "\t").first
        == output("classify", "a film", "--model", "nested").split(separator: "\t").first)
  }

  @Test("A fine-tuned model has the tokenizer files that it came with, byte for byte")
  func keepsTokenizer() throws {
    let source = Golden.path("Models/Classifiers/bert")
    try program.folder.write(
      "text,label\n" + (0..<12).map { "a film \($0),\($0 % 2)\n" }.joined(), to: "films.csv")
    _ = try output(
      "train", "classifier", "films.csv", "--from", source, "--output", "run", "--max-steps", "1")
    for model in ["best", "last"] {
      for file in ["tokenizer.json", "tokenizer_config.json"] {
        #expect(
          try InputFile.bytes(of: program.folder.path("run/\(model)/\(file)"))
            == InputFile.bytes(of: "\(source)/\(file)"), "\(model)/\(file)")
      }
      #expect(!FileSystem.exists(program.folder.path("run/\(model)/vocab.txt")))
    }
  }

  @Test("Quantized weights are explained, and refused by all that would use them")
  func explainsQuantized() throws {
    let source = Golden.path("Models/Classifiers/bert")
    for file in try FileSystem.entries(of: source) where file != "config.json" {
      try program.folder.write(InputFile.bytes(of: "\(source)/\(file)"), to: "packed/\(file)")
    }
    let config = try InputFile.text(of: "\(source)/config.json")
    try program.folder.write(
      config.replacing(
        "\"model_type\"",
        with:
          "\"quantization_config\": {\"quant_method\": \"bitsandbytes\", \"load_in_4bit\": true},"
          + " \"model_type\""), to: "packed/config.json")
    let json = try inspect("packed")
    #expect(try json.string(at: "quantization", "method") == "bitsandbytes")
    #expect(try json.integer(at: "quantization", "bits") == 4)
    #expect(try json.strings(at: "architectures") == ["BertForSequenceClassification"])
    let text = try output("inspect", "packed")
    #expect(text.contains("quantized by bitsandbytes, 4 bits a weight"), "\(text)")
    #expect(text.contains("model.dequantize()"), "\(text)")
    for arguments in [
      ["classify", "a film", "--model", "packed"], ["embed", "a film", "--model", "packed"],
      ["convert", "--model", "packed", "--output", "out"],
    ] {
      let result = try program.run(arguments)
      #expect(result.status == 65 && result.output.isEmpty, "\(arguments)")
      #expect(result.error.contains("quantized by bitsandbytes"), "\(result.error)")
    }
  }
}
