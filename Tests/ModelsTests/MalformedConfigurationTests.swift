// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import TestSupport
import Testing

@testable import AttuneModels

/// A golden folder with one key changed, and what the error names.
struct MalformedConfiguration: Sendable, CustomTestStringConvertible {
  let folder: String
  let key: String
  /// JSON; nil: the key is missing.
  let value: String?
  /// Parts of the message.
  let expected: String

  var testDescription: String { "\(folder): \(key) = \(value ?? "missing")" }

  private static func cases(
    _ key: String, in folder: String = "bert-classifier", _ values: [(String?, String)]
  ) -> [MalformedConfiguration] {
    values.map {
      MalformedConfiguration(folder: folder, key: key, value: $0.0, expected: $0.1)
    }
  }

  /// Sizes that are no sizes, or not those of the weights.
  static let sizes: [MalformedConfiguration] = [
    [
      "hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size", "vocab_size",
      "max_position_embeddings", "type_vocab_size",
    ].flatMap { key in
      cases(
        key,
        [
          ("0", key), ("-1", key), ("2.5", key), ("\"32\"", key), ("true", key), ("[32]", key),
          ("{}", key), ("99999999", key), ("9223372036854775807", key), ("1e400", ""),
          ("12000000", key == "num_attention_heads" ? key : "describes a model"),
        ])
    },
    cases("hidden_size", [("33", "num_attention_heads"), ("64", "word_embeddings"), (nil, "")]),
    cases("num_attention_heads", [("5", "divides hidden_size, 32"), ("64", "divides")]),
    cases("num_hidden_layers", [("3", "layer.2"), ("1", "layer.1"), ("100000", "describes")]),
    cases("vocab_size", [("61", "word_embeddings"), (nil, "word_embeddings")]),
    cases("max_position_embeddings", [("3", "max_position"), ("17", "position_embeddings")]),
    cases("type_vocab_size", [("1", "token_type_embeddings"), ("3", "token_type_embeddings")]),
  ].flatMap { $0 }

  /// Settings of the layers.
  static let settings: [MalformedConfiguration] = [
    cases(
      "hidden_act",
      [("\"gelo\"", "Did you mean 'gelu'?"), ("\"xielu\"", "gelu_new"), ("5", "hidden_act")]),
    cases(
      "layer_norm_eps",
      [("0", "small positive"), ("-1", "small"), ("1", "small"), ("1e-40", "small"), ("\"x\"", "")]),
    cases("hidden_dropout_prob", [("1", "rate"), ("-0.1", "rate"), ("\"a\"", "a number")]),
    cases("attention_probs_dropout_prob", [("2", "rate")]),
    cases("classifier_dropout", [("1.5", "rate"), ("[]", "a number")]),
    cases("position_embedding_type", [("\"relative_key\"", "absolute"), ("1", "absolute")]),
    cases("is_decoder", [("true", "expected false"), ("\"no\"", "expected false")]),
    cases(
      "pad_token_id", [("-1", "from 0 to 59"), ("60", "from 0 to 59"), ("0.5", "pad_token_id")]),
  ].flatMap { $0 }

  /// What the model is.
  static let kinds: [MalformedConfiguration] = [
    cases(
      "model_type",
      [
        (nil, "model_type"), ("\"gpt2\"", "attune-classifier"),
        ("\"Bert\"", "Did you mean 'bert'?"), ("\"gpt2\"", "'gpt2' writes text"),
        ("\"albert\"", "The nearest is 'bert', but ALBERT's layers share one set of weights"),
        ("\"nomic_bert\"", "The nearest is 'modernbert', but"),
        ("\"deberta-v2\"", "The nearest is 'bert', but DeBERTa scores words and positions apart"),
        ("\"electra\"", "The nearest is 'bert', but ELECTRA maps its embeddings"),
        ("\"t5\"", "bert, distilbert, roberta, xlm-roberta, camembert, mpnet, modernbert"),
        ("3", "model_type"), ("\"\"", "distilbert"), ("\"robert\"", "Did you mean 'roberta'?"),
        ("\"roberta\"", "RobertaForSequenceClassification"),
      ]),
    cases(
      "architectures",
      [
        ("[]", "BertForSequenceClassification"), ("\"BertModel\"", "an array"), ("[3]", "a string"),
        ("[\"BertModel\"]", "attune train classifier"), (nil, "BertForSequenceClassification"),
      ]),
  ].flatMap { $0 }

  /// Labels and tasks.
  static let labels: [MalformedConfiguration] = [
    cases(
      "id2label",
      [
        ("{}", "id2label"), ("{\"0\": \"a\"}", "classifier.weight"), ("[\"a\"]", "an object"),
        ("{\"0\": \"a\", \"1\": \"b\", \"3\": \"c\"}", "'3'"),
        ("{\"0\": \"a\", \"1\": \"b\", \"+2\": \"c\"}", "'+2'"),
        ("{\"0\": \"a\", \"1\": \"b\", \"-2\": \"c\"}", "'-2'"),
        ("{\"0\": \"a\", \"1\": \"a\", \"2\": \"c\"}", "twice"),
        ("{\"0\": \"a\", \"1\": null, \"2\": \"c\"}", "'1'"),
        ("{\"0\": \"a\", \"0\": \"b\", \"2\": \"c\"}", "0"),
        (nil, "classifier.weight"),
      ]),
    cases(
      "num_labels",
      [("4", "id2label names 3"), ("0", "num_labels"), ("1000000000", "num_labels")]),
    cases(
      "label2id",
      [("{\"bad\": 1, \"so so\": 0, \"good\": 2}", "lead back"), ("\"x\"", "an object")]),
    cases(
      "problem_type",
      [
        ("\"regression\"", "3 labels"), ("\"multi_label\"", "multi_label_classification"),
        ("3", ""),
      ]),
    cases(
      "problem_type", in: "xlm-roberta-classifier", [("\"single_label_classification\"", "1 label")]
    ),
  ].flatMap { $0 }

  /// Keys that other families call otherwise.
  static let families: [MalformedConfiguration] = [
    cases("n_heads", in: "distilbert-classifier", [("3", "divides dim, 32"), ("0", "n_heads")]),
    cases("dim", in: "distilbert-classifier", [("31", "n_heads"), ("1e3", "dim")]),
    cases("n_layers", in: "distilbert-classifier", [("3", "layer.2"), ("-7", "n_layers")]),
    cases("activation", in: "distilbert-classifier", [("\"rulu\"", "Did you mean 'relu'?")]),
    cases("seq_classif_dropout", in: "distilbert-classifier", [("1", "rate")]),
    cases(
      "pad_token_id", in: "roberta-classifier", [("20", "max_position"), ("-1", "pad_token_id")]),
    cases(
      "max_position_embeddings", in: "roberta-classifier", [("5", "max_pos"), ("15", "position_e")]),
  ].flatMap { $0 }

  static let all = sizes + settings + kinds + labels + families
}

@Suite("Malformed config.json")
struct MalformedConfigurationTests {
  private func expectRefusal(of text: [UInt8], like folder: String, naming expected: String) throws
  {
    let temporary = try TemporaryFolder()
    let golden = try ModelFolder(Golden.path("Models/Families/\(folder)"))
    try temporary.write(
      InputFile.bytes(of: golden.path(of: "model.safetensors")), to: "model.safetensors")
    try temporary.write(text, to: "config.json")
    do {
      _ = try ClassifierFolder(ModelFolder(temporary.path))
      Issue.record("it was accepted")
    } catch let error as any AttuneError {
      #expect(error.exitCode == .data)
      #expect(error.description.contains(expected), "\(error)")
    }
  }

  @Test("A wrong key is refused by its name", arguments: MalformedConfiguration.all)
  func refusesKeys(_ malformed: MalformedConfiguration) throws {
    let path = Golden.path("Models/Families/\(malformed.folder)/config.json")
    let object = try InputFile.json(of: path).object()
    // As text: the value may be no JSON that our writer would write.
    let others = object.members.filter { $0.key != malformed.key }.map { ($0.key, $0.value) }
    var text = try JSONValue.object(JSONObject(others)).serialized()
    if let value = malformed.value {
      text = Array("{\"\(malformed.key)\": \(value),".utf8) + text.dropFirst()
    }
    try expectRefusal(of: text, like: malformed.folder, naming: malformed.expected)
  }

  @Test(
    "A file that is no description is refused",
    arguments: [
      "", "null", "[]", "3", "{", "{}", "{\"model_type\": \"bert\"}", "{\"model_type\": \"bert\",}",
      "\u{FEFF}{\"model_type\": \"bert\"}", "{\"model_type\": \"bert\"} {}",
      "{\"model_type\": \"bert\", \"model_type\": \"roberta\"}", "{\"a\": \"\\ud800\"}",
      String(repeating: "[", count: 100_000),
    ])
  func refusesFiles(text: String) throws {
    try expectRefusal(of: Array(text.utf8), like: "bert-classifier", naming: "config.json")
  }

  @Test("A file too large for a description is not read")
  func refusesLargeFiles() throws {
    try expectRefusal(
      of: [UInt8](repeating: 0x20, count: 17 << 20), like: "bert-classifier", naming: "too many")
  }

  @Test(
    "Damaged bytes are read or refused, and nothing else happens",
    arguments: [
      "Families/bert-classifier", "Families/bert-masked", "Families/distilbert-masked",
      "Families/roberta-masked", "Families/xlm-roberta-classifier", "Modern/modernbert-classifier",
      "Modern/modernbert-masked", "Modern/mpnet-classifier",
    ])
  func survivesDamage(name: String) throws {
    let golden = try ModelFolder(Golden.path("Models/\(name)"))
    let temporary = try TemporaryFolder()
    try temporary.write(
      InputFile.bytes(of: golden.path(of: "model.safetensors")), to: "model.safetensors")
    let bytes = try InputFile.bytes(of: golden.path(of: "config.json"))
    var generator = SplitMix(seed: 11)
    var refused = 0
    for _ in 0..<60 {
      let damaged = mutated(bytes, favouring: Array("0129-.e\"{}[]:,nt".utf8), with: &generator)
      try temporary.write(damaged, to: "config.json")
      let attempts: [() throws -> Void] = [
        { _ = try EncoderFolder(ModelFolder(temporary.path)).encoder() },
        { _ = try ClassifierFolder(ModelFolder(temporary.path)) },
        { _ = try MaskedTokenFolder(ModelFolder(temporary.path)) },
      ]
      for attempt in attempts {
        do { try attempt() } catch {
          refused += 1
          #expect(error is any AttuneError, "\(error)")
        }
      }
    }
    #expect(refused > 60)
  }

  @Test("Old files may keep an inverse of other labels")
  func acceptsStaleInverse() throws {
    let golden = try FamilyGolden("bert-classifier")
    let temporary = try TemporaryFolder()
    let path = try golden.copy(to: temporary) {
      $0.replacing("\"so so\": 1", with: "\"LABEL_1\": 1")
    }
    let folder = try ClassifierFolder(ModelFolder(path))
    #expect(folder.configuration.labels == ["bad", "so so", "good"])
  }
}
