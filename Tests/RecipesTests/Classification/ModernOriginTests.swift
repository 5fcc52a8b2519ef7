// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneLayers
import AttuneModels
import AttunePipelines
import AttuneRecipes
import Foundation
import TestSupport
import Testing

@Suite("Training starts from MPNet and ModernBERT, and knows rotary positions")
struct ModernOriginTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(
      "text,label\na good film,good\nbad cast,bad\nmoving,good\nnot good,bad\n", to: "texts.csv")
  }

  /// A golden model with a tokenizer whose ids it has entries for.
  private func origin(_ name: String) throws -> String {
    for (source, file) in [
      ("Modern/\(name)", "config.json"), ("Modern/\(name)", "model.safetensors"),
      ("Classifiers/bert", "tokenizer.json"), ("Classifiers/bert", "tokenizer_config.json"),
    ] {
      let bytes = try InputFile.bytes(of: Golden.path("Models/\(source)/\(file)"))
      try AtomicFile.write(bytes, to: folder.path("\(name)/\(file)"), parents: .created)
    }
    return folder.path(name)
  }

  private func train(
    from origin: String? = nil, _ change: (inout ClassifierSettings) -> Void = { _ in }
  ) throws -> TextClassification {
    var request = ClassifierTraining.Request(
      data: folder.path("texts.csv"), output: folder.path("run"))
    request.origin = origin
    var settings = ClassifierSettings()
    (settings.maximumSteps, settings.validationFraction) = (1, 0.5)
    change(&settings)
    _ = try ClassifierTraining.run(request, settings: settings)
    return try TextClassification(contentsOf: folder.path("run"))
  }

  @Test(
    "A checkpoint grows a head and is saved in its family's own layout",
    arguments: [
      ("mpnet-classifier", ClassifierLayout.transformers), ("mpnet-encoder", .sentenceTransformers),
      ("modernbert-classifier", .transformers), ("modernbert-biased", .transformers),
      ("modernbert-masked", .sentenceTransformers),
    ])
  func starts(_ name: String, _ layout: ClassifierLayout) throws {
    let classifier = try train(from: origin(name))
    #expect(classifier.configuration.layout == layout)
    #expect(classifier.labels == ["bad", "good"])
    #expect(classifier.configuration.encoder.family.rawValue == String(name.prefix { $0 != "-" }))
    let settings = try InputFile.json(of: folder.path("run/run.json")).field(at: "settings")
    let isModern = name.hasPrefix("modernbert")
    // The rates of dropout are those of the checkpoint.
    #expect(try settings.double(at: "headDropout") == (isModern ? 0 : 0.1))
    #expect(try settings.double(at: "attentionDropout") == (isModern ? 0 : 0.1))
  }

  @Test("A model from scratch may have rotary positions, in heads of an even number of columns")
  func scratch() throws {
    #expect(throws: SettingError.self) {
      try train { ($0.layers, $0.dimension, $0.heads, $0.positions) = (1, 12, 4, .rotary) }
    }
    let model = try train {
      ($0.layers, $0.dimension, $0.heads, $0.positions) = (1, 16, 4, .rotary)
    }
    #expect(model.configuration.encoder.positions == .rotary)
  }
}
