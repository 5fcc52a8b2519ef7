// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneTensors
import AttuneTokenizers
import Foundation
import TestSupport
import Testing

@testable import AttuneModels

@Suite("Classifier folders")
struct ClassifierFolderTests {
  /// What transformers computed for the golden classifier.
  struct Logits {
    let texts: [String]
    let pairs: [[String]]
    let json: JSONField

    init() throws {
      json = try InputFile.json(of: Golden.path("Models/Classifiers/logits.json"))
      texts = try json.strings(at: "texts")
      pairs = try json.fields(at: "pairs").map { try $0.strings() }
    }

    func rows(_ kind: String, _ layout: ClassifierLayout) throws -> [[Double]] {
      try json.fields(at: kind, layout.rawValue).map { try $0.doubles() }
    }
  }

  let golden = Golden.path("Models/Classifiers/bert")

  /// The golden encoder with mean pooling and the golden head.
  func embedder() throws -> (TextClassifier, ClassifierConfiguration) {
    var configuration = try ClassifierFolder(ModelFolder(golden)).configuration
    configuration.pooling = .mean
    configuration.hasPooler = false
    var model = try ClassifierFolder.model(
      adapting: ModelFolder(golden), configuration, key: RandomKey(seed: 1))
    try model.head.load(
      from: SafetensorsFile(Golden.path("Models/Classifiers/head.safetensors")),
      names: ParameterNameMap([.rename("classifier.{p}", "linear.{p}")]))
    return (model, configuration)
  }

  func expect(_ model: TextClassifier, _ layout: ClassifierLayout) throws {
    let logits = try Logits()
    let tokenizer = try Tokenizer(contentsOf: golden)
    let single = logits.texts.map { tokenizer.encode($0) }
    let paired = logits.pairs.map { tokenizer.encode($0[0], pair: $0[1]) }
    for (kind, encodings) in [("single", single), ("paired", paired)] {
      let found = model.logits(
        TokenBatch(
          ids: encodings.flatMap(\.ids), segments: encodings.flatMap(\.segments),
          layout: SequenceLayout(lengths: encodings.map(\.ids.count))), mode: .inference
      ).doubles
      let expected = try logits.rows(kind, layout).flatMap { $0 }
      for (a, b) in zip(found, expected) {
        #expect(abs(a - b) <= 1e-5 * max(1, abs(b)), "\(kind) \(layout)")
      }
    }
  }

  @Test("A classifier that transformers saved gives the logits of transformers, pairs too")
  func openBERT() throws {
    let folder = try ClassifierFolder(ModelFolder(golden))
    #expect(folder.layout == .transformers)
    #expect(folder.configuration.labels == ["negative", "neutral", "positive"])
    try expect(folder.model, .transformers)
  }

  @Test("A mean-pooled classifier gives the logits of the same computation in PyTorch")
  func meanPooling() throws {
    try expect(embedder().0, .sentenceTransformers)
  }

  /// Writes both layouts below `path`.
  func write(to path: String) throws {
    let bert = try ClassifierFolder(ModelFolder(golden))
    let (mean, meanConfiguration) = try embedder()
    for (model, configuration) in [(bert.model, bert.configuration), (mean, meanConfiguration)] {
      let folder = FileSystem.join(path, configuration.layout.rawValue)
      try ModelFolder.create(folder, overwriting: true) { writer in
        try ClassifierFolder.write(model, configuration, attune: [:], with: writer)
        for file in try Tokenizer(contentsOf: golden).files(maximumLength: 40) {
          try writer.write(file.bytes, to: file.name)
        }
      }
    }
  }

  @Test("Saved folders are byte for byte those that transformers and sentence-transformers opened")
  func savedBytes() throws {
    let temporary = try TemporaryFolder()
    // Set to a folder to write there what make_classifiers.py is to open.
    let path = ProcessInfo.processInfo.environment["ATTUNE_GOLDEN_OUTPUT"] ?? temporary.path
    try write(to: path)
    let opened = try InputFile.json(of: Golden.path("Models/Classifiers/opened.json")).object()
    #expect(opened.count > 10)
    for member in opened.members {
      let hash = try SHA256.hash(file: FileSystem.join(path, member.key))
      #expect("\(hash)" == member.value.stringValue, "\(member.key)")
    }
  }

  @Test("Every layout reads back the same bits", arguments: ClassifierLayout.allCases)
  func roundTrip(_ layout: ClassifierLayout) throws {
    let temporary = try TemporaryFolder()
    let (model, configuration) =
      layout == .transformers
      ? try { ($0.model, $0.configuration) }(ClassifierFolder(ModelFolder(golden)))
      : try embedder()
    let path = FileSystem.join(temporary.path, "model")
    try ModelFolder.create(path) { writer in
      try ClassifierFolder.write(
        model, configuration, layout: layout, attune: ["maximum_length": 17], with: writer)
    }
    let read = try ClassifierFolder(ModelFolder(path))
    #expect(read.layout == layout)
    #expect(read.configuration.labels == configuration.labels)
    #expect(try read.attune?.integer(at: "maximum_length") == 17)
    if layout == .sentenceTransformers {
      // Python cuts texts where Attune does.
      let window = try InputFile.json(of: FileSystem.join(path, "sentence_bert_config.json"))
      #expect(try window.integer(at: "max_seq_length") == 17)
    }
    for (a, b) in zip(read.model.namedTensors, model.namedTensors) {
      #expect(a.name == b.name && a.tensor.values == b.tensor.values, "\(a.name)")
    }
  }

  @Test(
    "A config.json that does not fit is refused with its key",
    arguments: [
      ("\"hidden_size\": 32", "\"hidden_size\": 33", "num_attention_heads"),
      ("\"hidden_size\": 32", "\"hidden_size\": 64", "word_embeddings"),
      ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3", "encoder.layer.2"),
      ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "encoder.layer.1"),
      ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 90000000", "num_hidden_layers"),
      ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 100000", "describes a model"),
      ("\"vocab_size\": 22", "\"vocab_size\": -1", "vocab_size"),
      ("\"max_position_embeddings\": 40", "\"max_position_embeddings\": 2", "max_position"),
      ("\"vocab_size\": 22", "\"vocab_size\": 16000000", "describes a model"),
      ("\"hidden_act\": \"gelu\"", "\"hidden_act\": \"gelo\"", "gelu"),
      ("\"layer_norm_eps\": 1e-12", "\"layer_norm_eps\": 0", "layer_norm_eps"),
      ("\"model_type\": \"bert\"", "\"model_type\": \"gpt2\"", "attune-classifier"),
      ("\"BertForSequenceClassification\"", "\"BertModel\"", "architectures"),
      ("\"2\": \"positive\"", "\"3\": \"positive\"", "id2label"),
      ("\"positive\": 2", "\"positive\": 1", "label2id"),
      (
        "\"single_label_classification\"", "\"regression\"", "problem_type"
      ),
    ])
  func inconsistentConfiguration(old: String, new: String, named: String) throws {
    let temporary = try TemporaryFolder()
    for name in ["config.json", "model.safetensors"] {
      var bytes = try InputFile.bytes(of: FileSystem.join(golden, name))
      if name == "config.json" {
        let text = String(decoding: bytes, as: UTF8.self)
        try #require(text.contains(old), "\(old)")
        bytes = Array(text.replacingOccurrences(of: old, with: new).utf8)
      }
      try AtomicFile.write(bytes, to: FileSystem.join(temporary.path, name))
    }
    do {
      _ = try ClassifierFolder(ModelFolder(temporary.path))
      Issue.record("\(new) was accepted")
    } catch let error as any AttuneError {
      #expect(error.exitCode == .data)
      #expect("\(error)".contains(named), "\(error)")
    }
  }
}
