// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneTensors
import Foundation
import TestSupport
import Testing

@testable import AttuneModels

/// A tiny model that transformers saved, with what transformers computed for it.
struct FamilyGolden {
  let name: String
  let folder: ModelFolder
  let tokens: TokenBatch
  /// After the embeddings and after each layer.
  let states: [[Double]]
  /// Of every text, or of every third token.
  let logits: [Double]

  static let classifiers = [
    "bert-classifier", "distilbert-classifier", "roberta-classifier", "xlm-roberta-classifier",
    "sharded", "camembert-classifier",
  ]
  static let masked = [
    "bert-masked", "distilbert-masked", "roberta-masked", "xlm-roberta-masked", "old-names",
    "untied", "stored-equal", "camembert-masked",
  ]
  static let bare = ["float16", "bfloat16"]

  init(_ name: String) throws {
    self.name = name
    folder = try ModelFolder(Golden.path("Models/Families/\(name)"))
    let json = try InputFile.json(of: Golden.path("Models/Families/\(name).json"))
    let texts = try json.fields(at: "texts").map { try $0.integers().map { Int32($0) } }
    let segments = try json.fields(at: "segments").flatMap { try $0.integers().map { UInt8($0) } }
    tokens = TokenBatch(
      ids: texts.flatMap { $0 }, segments: segments,
      layout: SequenceLayout(lengths: texts.map(\.count)))
    states = try json.fields(at: "states").map { try $0.doubles() }
    logits = try json.has("logits") ? json.doubles(at: "logits") : []
  }

  /// Every third row.
  var rows: [Int32] { stride(from: 0, to: Int32(tokens.ids.count), by: 3).map { $0 } }

  func expect(_ encoder: TransformerEncoder, within bound: Double = 1e-6) {
    var found = encoder.embeddings(tokens, mode: .inference)
    #expect(states.count == encoder.layers.count + 1)
    #expect(relativeDistance(found.doubles, states[0]) <= bound, "\(name): embeddings")
    for (layer, expected) in zip(encoder.layers, states.dropFirst()) {
      found = layer(found, layout: tokens.layout, mode: .inference)
      #expect(relativeDistance(found.doubles, expected) <= bound, "\(name): states")
    }
  }

  func expect(_ found: Tensor, within bound: Double = 1e-5) {
    #expect(relativeDistance(found.doubles, logits) <= bound, "\(name): logits")
  }

  func logits(of model: MaskedLanguageModel) -> Tensor {
    model.logits(of: rows, in: tokens, mode: .inference)
  }
}

@Suite("Families of encoders")
struct FamilyTests {
  @Test(
    "States of every layer are those of transformers",
    arguments: FamilyGolden.classifiers + FamilyGolden.masked + FamilyGolden.bare)
  func states(name: String) throws {
    let golden = try FamilyGolden(name)
    golden.expect(try EncoderFolder(golden.folder).encoder().encoder)
  }

  @Test("Logits of classifiers are those of transformers", arguments: FamilyGolden.classifiers)
  func classifiers(name: String) throws {
    let golden = try FamilyGolden(name)
    let classifier = try ClassifierFolder(golden.folder)
    #expect(classifier.layout == .transformers && classifier.report.initial.isEmpty)
    golden.expect(classifier.model.logits(golden.tokens, mode: .inference))
  }

  @Test("Logits of masked-token models are those of transformers", arguments: FamilyGolden.masked)
  func masked(name: String) throws {
    let golden = try FamilyGolden(name)
    let folder = try MaskedTokenFolder(golden.folder)
    #expect((folder.model.head.output != nil) == (name == "untied"))
    golden.expect(golden.logits(of: folder.model))
    // The fused cross-entropy sees the same scores.
    let states = folder.model.states(of: golden.rows, in: golden.tokens, mode: .inference)
    let table = folder.model.outputTable
    let targets = golden.rows.map { golden.tokens.ids[Int($0)] }
    let fused = states.projectedCrossEntropy(
      table: table.weight, bias: table.bias, CrossEntropyTargets(targets))
    let whole = golden.logits(of: folder.model).crossEntropy(CrossEntropyTargets(targets))
    #expect(relativeDistance(fused.doubles, whole.doubles) <= 1e-5)
  }

  @Test("Tasks and labels are those that config.json says or that transformers infers")
  func tasks() throws {
    func configuration(_ name: String) throws -> ClassifierConfiguration {
      try ClassifierFolder(FamilyGolden(name).folder).configuration
    }
    #expect(try configuration("bert-classifier").task == .multiLabel)
    #expect(try configuration("roberta-classifier").task == .singleLabel)
    #expect(try configuration("roberta-classifier").labels == ["bad", "so so", "good"])
    #expect(try configuration("xlm-roberta-classifier").task == .regression)
    #expect(try configuration("xlm-roberta-classifier").labels == ["LABEL_0"])
    #expect(try configuration("distilbert-classifier").labels == ["LABEL_0", "LABEL_1"])
    #expect(try configuration("distilbert-classifier").headDropout == 0.2)
  }

  @Test("What an old checkpoint holds and is not used is named with the reason")
  func ignored() throws {
    let golden = try FamilyGolden("old-names")
    let report = try MaskedTokenFolder(golden.folder).report
    #expect(
      Set(report.ignored.map(\.name)) == [
        "embeddings.position_ids", "pooler.dense.weight", "pooler.dense.bias",
        "cls.seq_relationship.weight", "cls.seq_relationship.bias",
        "cls.predictions.decoder.weight",
      ])
    #expect(report.ignored.allSatisfy { !$0.reason.isEmpty })
  }

  @Test("A stored table that differs is a second table, whatever the configuration says")
  func storedDifferent() throws {
    let golden = try FamilyGolden("untied")
    let temporary = try TemporaryFolder()
    let path = try golden.copy(to: temporary) {
      $0.replacingOccurrences(
        of: "\"tie_word_embeddings\": false", with: "\"tie_word_embeddings\": true")
    }
    golden.expect(golden.logits(of: try MaskedTokenFolder(ModelFolder(path)).model))
  }

  @Test(
    "A folder says its family and its head",
    arguments: [
      ("bert-masked", EncoderFamily.bert, ModelHead.maskedTokens),
      ("distilbert-classifier", .distilBERT, .sequenceClassification),
      ("bfloat16", .roberta, .none),
      ("xlm-roberta-masked", .xlmRoberta, .maskedTokens),
      ("camembert-classifier", .camembert, .sequenceClassification),
    ])
  func says(name: String, family: EncoderFamily, head: ModelHead) throws {
    let golden = try FamilyGolden(name)
    let folder = try EncoderFolder(golden.folder)
    #expect(folder.family == family && folder.head == head)
    // The same without a word of config.json.
    let temporary = try TemporaryFolder()
    let path = try golden.copy(to: temporary) {
      $0.replacingOccurrences(of: "\"architectures\"", with: "\"builders\"")
    }
    #expect(try EncoderFolder(ModelFolder(path)).head == head)
  }

  @Test("An unknown family is refused with the known ones and the nearest")
  func unknownFamily() throws {
    let temporary = try TemporaryFolder()
    let path = try FamilyGolden("float16").copy(to: temporary) {
      $0.replacingOccurrences(of: "\"bert\"", with: "\"robert\"")
    }
    let error = try #require(throws: JSONFieldError.self) {
      _ = try EncoderFolder(ModelFolder(path))
    }
    #expect(error.path == "model_type")
    #expect(error.description.contains("bert, distilbert, roberta, xlm-roberta"), "\(error)")
    #expect(error.description.contains("Did you mean 'roberta'?"), "\(error)")
  }
}

extension FamilyGolden {
  /// Copies the model with a changed `config.json`; returns the path.
  func copy(to temporary: TemporaryFolder, _ change: (String) -> String) throws -> String {
    for file in try FileSystem.entries(of: folder.path) {
      var bytes = try InputFile.bytes(of: folder.path(of: file))
      if file == ModelFolder.configurationFile {
        let text = String(decoding: bytes, as: UTF8.self)
        bytes = Array(change(text).utf8)
        try #require(Array(text.utf8) != bytes, "nothing was changed")
      }
      try temporary.write(bytes, to: "copy/\(file)")
    }
    return temporary.path("copy")
  }
}
