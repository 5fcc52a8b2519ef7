// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneTensors
import Foundation
import TestSupport
import Testing

@testable import AttuneModels

@Suite("Folders of MPNet and ModernBERT as Python opens them")
struct ModernWritingTests {
  /// Writes every golden model below `path`.
  private func write(to path: String) throws {
    func create(_ name: String, _ body: (ModelFolderWriter) throws -> Void) throws {
      try ModelFolder.create(FileSystem.join(path, name), overwriting: true, body)
    }
    for name in ModernGolden.classifiers {
      let source = try ClassifierFolder(ModernGolden(name).folder)
      try create(name) {
        try ClassifierFolder.write(source.model, source.configuration, attune: [:], with: $0)
      }
    }
    for name in ModernGolden.masked {
      let source = try MaskedTokenFolder(ModernGolden(name).folder)
      try create(name) { try MaskedTokenFolder.write(source.model, source.configuration, with: $0) }
    }
    for name in ModernGolden.bare {
      let source = try EncoderFolder(ModernGolden(name).folder)
      let encoder = try source.encoder().encoder
      try create(name) { try EncoderFolder.write(encoder, source.configuration, with: $0) }
    }
  }

  @Test("Saved folders are byte for byte those that transformers opened with equal outputs")
  func savedBytes() throws {
    let temporary = try TemporaryFolder()
    // Set to a folder to write there what make_modern.py is to open.
    let path = FileSystem.join(
      ProcessInfo.processInfo.environment["ATTUNE_GOLDEN_OUTPUT"] ?? temporary.path, "modern")
    try write(to: path)
    let opened = try InputFile.json(of: Golden.path("Models/Modern/opened.json")).object()
    #expect(opened.count > 15)
    for member in opened.members {
      let hash = try SHA256.hash(file: FileSystem.join(path, member.key))
      #expect("\(hash)" == member.value.stringValue, "\(member.key)")
    }
  }

  @Test(
    "What is written reads back the same bits, in every layout",
    arguments: ModernGolden.classifiers, [ClassifierLayout.transformers, .attune])
  func roundTrip(_ name: String, _ layout: ClassifierLayout) throws {
    let source = try ClassifierFolder(ModernGolden(name).folder)
    try expectRoundTrip(source.model, source.configuration, layout)
  }

  private func expectRoundTrip(
    _ model: TextClassifier, _ configuration: ClassifierConfiguration, _ layout: ClassifierLayout
  ) throws {
    let temporary = try TemporaryFolder()
    let path = temporary.path("model")
    try ModelFolder.create(path) {
      try ClassifierFolder.write(model, configuration, layout: layout, attune: [:], with: $0)
    }
    let read = try ClassifierFolder(ModelFolder(path))
    var expected = configuration
    // Our own layout does not keep it: it matters to training alone, which chooses it.
    if layout == .attune { expected.headDropout = 0.1 }
    #expect(read.layout == layout && read.configuration == expected)
    for (a, b) in zip(read.model.namedTensors, model.namedTensors) {
      #expect(a.name == b.name && a.tensor.values == b.tensor.values, "\(a.name)")
    }
  }

  @Test(
    "A new model of ModernBERT's make opens in transformers where its head does",
    arguments: [
      (PoolingKind.first, true, ClassifierLayout.transformers), (.mean, true, .transformers),
      (.max, true, .attune), (.attention, false, .attune),
    ])
  func newModel(_ pooling: PoolingKind, hasPooler: Bool, _ layout: ClassifierLayout) throws {
    let encoder = EncoderConfiguration.modern(
      vocabularySize: 30, layerCount: 5, modelDimension: 16, headCount: 4,
      feedForwardDimension: 12, maximumLength: 64, window: 6)
    #expect(encoder.localLayers?.indices == [1, 2, 4] && encoder.localLayers?.radius == 3)
    let configuration = ClassifierConfiguration(
      encoder: encoder, pooling: pooling, hasPooler: hasPooler, headDropout: 0.1,
      labels: ["a", "b", "c"])
    #expect(configuration.layout == layout)
    try expectRoundTrip(
      TextClassifier(configuration, key: RandomKey(seed: 1)), configuration, layout)
  }

  @Test("A new head grows on every model, and is saved with it", arguments: ModernGolden.all)
  func adapting(_ name: String) throws {
    let golden = try ModernGolden(name)
    let configuration = try ClassifierFolder.configuration(
      adapting: golden.folder, labels: ["a", "b"])
    let source = try golden.json.fields(at: "states").last?.doubles()
    let model = try ClassifierFolder.model(
      adapting: golden.folder, configuration, key: RandomKey(seed: 1))
    let rows = try golden.keptRows()
    let states = model.encoder.encode(golden.tokens, mode: .inference).states
    golden.expect(states.rows(rows).doubles, try #require(source), "states")
    try expectRoundTrip(model, configuration, configuration.layout)
  }

  @Test("A step of fine-tuning changes every weight", arguments: ModernGolden.classifiers)
  func training(_ name: String) throws {
    let golden = try ModernGolden(name)
    let configuration = try ClassifierFolder.configuration(
      adapting: golden.folder, labels: ["a", "b"])
    var model = try ClassifierFolder.model(
      adapting: golden.folder, configuration, key: RandomKey(seed: 1))
    let before = model.namedTensors
    let mode = Mode.training(TrainingPass(seed: 1, step: 1))
    let gradients = valueAndGradients(of: model) {
      $0.logits(golden.tokens, mode: mode)
        .crossEntropy(CrossEntropyTargets([0, 1, 1, 0]))
    }.gradients
    model.updateTensors { parameter, tensor, _ in
      guard let gradient = gradients[parameter]?.dense(shape: tensor.shape) else { return }
      tensor = (tensor - gradient.scaled(by: 0.1)).detached()
    }
    for (old, new) in zip(before, model.namedTensors) {
      // Where keys do not turn, their bias cancels in the softmax.
      if name.hasPrefix("mpnet"), old.name.hasSuffix("key.bias") { continue }
      #expect(old.tensor.values != new.tensor.values, "\(old.name)")
    }
  }
}
