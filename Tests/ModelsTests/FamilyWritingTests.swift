// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneTensors
import Foundation
import TestSupport
import Testing

@testable import AttuneModels

@Suite("Folders of the families as Python opens them")
struct FamilyWritingTests {
  /// Writes a model of each family and head below `path`.
  func write(to path: String) throws {
    func create(_ name: String, _ body: (ModelFolderWriter) throws -> Void) throws {
      try ModelFolder.create(FileSystem.join(path, name), overwriting: true, body)
    }
    for name in FamilyGolden.classifiers {
      let source = try ClassifierFolder(FamilyGolden(name).folder)
      try create(name) {
        try ClassifierFolder.write(source.model, source.configuration, attune: [:], with: $0)
      }
    }
    for name in FamilyGolden.masked {
      let source = try MaskedTokenFolder(FamilyGolden(name).folder)
      try create(name) { try MaskedTokenFolder.write(source.model, source.configuration, with: $0) }
    }
    for name in FamilyGolden.bare + ["distilbert-masked"] {
      let source = try EncoderFolder(FamilyGolden(name).folder)
      let encoder = try source.encoder().encoder
      for storage in [WeightStorage.float32, .float16, .bfloat16] {
        let suffix = storage == .float32 ? "" : "@\(storage)"
        guard !suffix.isEmpty || FamilyGolden.bare.contains(name) else { continue }
        try create(name + suffix) {
          try EncoderFolder.write(encoder, source.configuration, storage: storage, with: $0)
        }
      }
    }
  }

  @Test("Saved folders are byte for byte those that transformers opened with equal outputs")
  func savedBytes() throws {
    let temporary = try TemporaryFolder()
    // Set to a folder to write there what make_families.py is to open.
    let path = FileSystem.join(
      ProcessInfo.processInfo.environment["ATTUNE_GOLDEN_OUTPUT"] ?? temporary.path, "families")
    try write(to: path)
    let opened = try InputFile.json(of: Golden.path("Models/Families/opened.json")).object()
    #expect(opened.count > 30)
    for member in opened.members {
      let hash = try SHA256.hash(file: FileSystem.join(path, member.key))
      #expect("\(hash)" == member.value.stringValue, "\(member.key)")
    }
  }

  @Test("What is written reads back the same bits", arguments: FamilyGolden.classifiers)
  func roundTrip(name: String) throws {
    let source = try ClassifierFolder(FamilyGolden(name).folder)
    let temporary = try TemporaryFolder()
    for task in ClassificationTask.allCases
    where (task == .regression) == (source.configuration.labels.count == 1) {
      var configuration = source.configuration
      configuration.task = task
      for layout in [ClassifierLayout.transformers, .attune] {
        let path = temporary.path("\(task)-\(layout)")
        try ModelFolder.create(path) {
          try ClassifierFolder.write(
            source.model, configuration, layout: layout, attune: ["task": "x"], with: $0)
        }
        let read = try ClassifierFolder(ModelFolder(path))
        var expected = configuration
        // Our own layout does not keep it: it matters to training alone, which chooses it.
        if layout == .attune { expected.headDropout = 0.1 }
        #expect(read.layout == layout && read.configuration == expected)
        for (a, b) in zip(read.model.namedTensors, source.model.namedTensors) {
          #expect(a.name == b.name && a.tensor.values == b.tensor.values, "\(a.name)")
        }
      }
    }
  }

  @Test(
    "A new head grows on every family",
    arguments: FamilyGolden.classifiers + FamilyGolden.masked + FamilyGolden.bare)
  func adapting(name: String) throws {
    let golden = try FamilyGolden(name)
    let labels = ["a", "b", "c", "d", "e"]
    let configuration = try ClassifierFolder.configuration(adapting: golden.folder, labels: labels)
    let isClassifier = FamilyGolden.classifiers.contains(name)
    #expect(configuration.pooling == (isClassifier ? .first : .mean))
    #expect(configuration.layout == (isClassifier ? .transformers : .sentenceTransformers))
    let model = try ClassifierFolder.model(
      adapting: golden.folder, configuration, key: RandomKey(seed: 1))
    golden.expect(model.encoder)
    #expect(model.logits(golden.tokens, mode: .inference).shape == [4, 5])
    if isClassifier {
      let source = try ClassifierFolder(golden.folder).model
      #expect(model.head.pooler?.weight.values.values == source.head.pooler?.weight.values.values)
    }
    let temporary = try TemporaryFolder()
    let path = temporary.path("grown")
    try ModelFolder.create(path) {
      try ClassifierFolder.write(model, configuration, attune: [:], with: $0)
    }
    let read = try ClassifierFolder(ModelFolder(path))
    #expect(read.configuration.labels == labels && read.layout == configuration.layout)
    #expect(
      read.model.logits(golden.tokens, mode: .inference).values
        == model.logits(golden.tokens, mode: .inference).values)
    let again = try ClassifierFolder.configuration(adapting: ModelFolder(path), labels: ["x", "y"])
    #expect(again.pooling == configuration.pooling)
  }
}
