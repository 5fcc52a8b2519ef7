// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@testable import AttuneModels

/// What transformers computed with a tiny MPNet or ModernBERT.
struct ModernGolden {
  let name: String
  let folder: ModelFolder
  let texts: [[Int32]]
  let json: JSONField

  init(_ name: String) throws {
    self.name = name
    folder = try ModelFolder(Golden.path("Models/Modern/\(name)"))
    json = try InputFile.json(of: Golden.path("Models/Modern/\(name).json"))
    texts = try json.fields(at: "texts").map { try $0.integers().map { Int32($0) } }
  }

  var tokens: TokenBatch { TokenBatch(texts) }

  /// The rows that the file keeps.
  func keptRows() throws -> [Int32] {
    let every = try json.integer(at: "every")
    return stride(from: 0, to: texts.joined().count, by: every).map { Int32($0) }
  }

  func expect(_ found: [Double], _ expected: [Double], _ what: String) {
    let error = relativeDistance(found, expected)
    #expect(found.count == expected.count && error < 1e-5, "\(name), \(what): \(error) apart")
  }

  static let classifiers = ["mpnet-classifier", "modernbert-classifier", "modernbert-biased"]
  static let masked = ["mpnet-masked", "modernbert-masked", "modernbert-unbiased"]
  static let bare = ["mpnet-encoder", "modernbert-encoder"]
  static let all = classifiers + masked + bare
}

@Suite("MPNet and ModernBERT agree with transformers")
struct ModernFamiliesTests {
  @Test("The states after every layer, of texts longer than windows", arguments: ModernGolden.all)
  func states(_ name: String) throws {
    let golden = try ModernGolden(name)
    let (encoder, report) = try EncoderFolder(golden.folder).encoder()
    let rows = try golden.keptRows()
    let expected = try golden.json.fields(at: "states").map { try $0.doubles() }
    var found: [[Double]] = []
    let last = encoder.encode(golden.tokens, mode: .inference) {
      found.append($0.rows(rows).doubles)
    }
    found[found.count - 1] = last.rows(rows).doubles
    #expect(found.count == expected.count)
    for (index, pair) in zip(found, expected).enumerated() {
      golden.expect(pair.0, pair.1, "states \(index)")
    }
    let alone = golden.texts.map {
      encoder.encode(TokenBatch([$0]), mode: .inference).states.doubles
    }
    #expect(
      relativeDistance(
        alone.flatMap { $0 }, encoder.encode(golden.tokens, mode: .inference).states.doubles)
        < 1e-5)
    #expect(report.warnings.isEmpty && report.initial.isEmpty)
  }

  @Test("The scores of labels", arguments: ModernGolden.classifiers)
  func logits(_ name: String) throws {
    let golden = try ModernGolden(name)
    let classifier = try ClassifierFolder(golden.folder)
    #expect(classifier.layout == .transformers && classifier.configuration.layout == .transformers)
    #expect(classifier.report.ignored.isEmpty)
    let logits = classifier.model.logits(golden.tokens, mode: .inference).doubles
    golden.expect(logits, try golden.json.doubles(at: "logits"), "logits")
  }

  @Test("The scores of the vocabulary", arguments: ModernGolden.masked)
  func maskedTokens(_ name: String) throws {
    let golden = try ModernGolden(name)
    let masked = try MaskedTokenFolder(golden.folder)
    let logits = masked.model.logits(of: try golden.keptRows(), in: golden.tokens, mode: .inference)
    golden.expect(logits.doubles, try golden.json.doubles(at: "logits"), "logits")
  }

  @Test("The gradient of every parameter", arguments: ModernGolden.classifiers)
  func gradients(_ name: String) throws {
    let golden = try ModernGolden(name)
    let classifier = try ClassifierFolder(golden.folder)
    let labels = try golden.json.integers(at: "labels").map { Int32($0) }
    let tokens = TokenBatch(Array(golden.texts.prefix(labels.count)))
    let gradients = valueAndGradients(of: classifier.model) {
      $0.logits(tokens, mode: .inference).crossEntropy(CrossEntropyTargets(labels))
    }.gradients
    var expected = classifier.model
    try expected.load(
      from: SafetensorsFile(Golden.path("Models/Modern/\(name)-gradients.safetensors")),
      names: classifier.configuration.encoder.family.layout.names(for: .sequenceClassification))
    let all = expected.namedTensors.flatMap(\.tensor.doubles)
    let floor = 1e-2 * all.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for (parameter, tensor) in expected.namedTensors {
      let found = gradients[parameter]?.dense(shape: tensor.shape).doubles ?? []
      let error = relativeDistance(found, tensor.doubles, floor: floor)
      #expect(error < 1e-5, "\(parameter): \(error) apart")
    }
  }
}
