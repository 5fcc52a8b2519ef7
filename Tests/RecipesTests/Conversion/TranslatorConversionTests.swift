// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttunePipelines
import AttuneRecipes
import AttuneTensors
import AttuneTraining
import TestSupport
import Testing

@Suite("Translators with other weights")
struct TranslatorConversionTests {
  static let texts = ["The station is near the river.", "Where?", "A red house."]
  static let references = ["La gare est pres.", "Ou ?", "Une maison rouge."]
  let temporary: TemporaryFolder
  let model: String

  /// A translator of random numbers whose matrices are large enough for integers.
  init() throws {
    temporary = try TemporaryFolder()
    model = temporary.path("model")
    let golden = try OpenTranslator(contentsOf: Golden.path("Models/Translators/relu"))
    var configuration = golden.configuration
    for side in [\TranslatorConfiguration.encoder, \.decoder] {
      configuration[keyPath: side].modelDimension = 192
      configuration[keyPath: side].feedForwardDimension = 256
    }
    try ModelFolder.create(model) {
      try OpenTranslator.write(
        TransformerTranslator(configuration, key: RandomKey(seed: 6)), configuration,
        golden.tokenizers, attune: ["task": "translation"], with: $0)
    }
  }

  private func converted(
    _ path: String, to storage: WeightStorage, check: ConversionCheck? = nil
  ) throws -> (path: String, comparison: ConversionComparison?) {
    let output = temporary.path("\(storage)")
    let (_, comparison) = try ModelConversion.run(
      model: path, output: output, storage: storage, overwriting: true, check: check)
    return (output, comparison)
  }

  private func scores(_ path: String, _ precision: PackedMatrix.Format? = nil) throws -> [Double] {
    try Translation(contentsOf: path, precision: precision)
      .scores(of: Self.references, for: Self.texts, Translation.Options()).map(\.logProbability)
  }

  private func size(_ path: String, _ storage: WeightStorage) throws -> Int {
    try FileSystem.size(
      of: FileSystem.join(path, ModelFolder.weightsFile(storedAs: storage)))
  }

  @Test("Integers take near a quarter, are computed with unless told otherwise, and go back")
  func quantizes() throws {
    let (path, _) = try converted(model, to: .int8)
    #expect(try size(path, .int8) * 100 < size(model, .float32) * 35)
    let configuration = try ModelFolder(path).configuration()
    #expect(
      try configuration.field(at: "quantization_config").string(at: "quant_method")
        == "attune-int8")
    let (whole, integers, numbers) = try (scores(model), scores(path), scores(path, .float32))
    #expect(try integers == scores(path, .int8) && integers != numbers)
    for (one, (other, third)) in zip(whole, zip(integers, numbers)) {
      #expect(abs(one - other) < 0.05 * abs(one) && abs(one - third) < 0.02 * abs(one))
    }
    let (back, _) = try converted(path, to: .float32)
    #expect(try scores(back) == numbers)
    #expect(try !ModelFolder(back).configuration().has("quantization_config"))
  }

  @Test("The other files stay as they are, half numbers round")
  func keepsFiles() throws {
    let (path, _) = try converted(model, to: .float16)
    #expect(try FileSystem.entries(of: path) == FileSystem.entries(of: model))
    for name in try FileSystem.entries(of: path)
    where name != "config.json" && name != "model.safetensors" {
      #expect(
        try InputFile.bytes(of: FileSystem.join(path, name))
          == InputFile.bytes(of: FileSystem.join(model, name)), "\(name)")
    }
    #expect(try ModelFolder(path).configuration().string(at: "dtype") == "float16")
    for (one, other) in zip(try scores(model), try scores(path)) {
      #expect(one != other && abs(one - other) < 0.01 * abs(one))
    }
  }

  @Test("BLEU on a file of pairs says what is lost, and nothing is written beyond the tolerance")
  func measures() throws {
    // What it writes itself, and a word more, so that no side is empty.
    let own = try Translation(contentsOf: model).translate(Self.texts).map(\.text)
    let references = own.map { "\($0) end" }
    let lines = zip(Self.texts, references).map { "\($0)\t\($1)" }
    var check = ConversionCheck(
      file: try temporary.write(lines.joined(separator: "\n") + "\n", to: "pairs.tsv"))
    check.tolerance = 1
    let (_, comparison) = try converted(model, to: .bfloat16, check: check)
    let found = try #require(comparison)
    guard case .bleu(let before, let after) = found.measure else {
      Issue.record("\(found)")
      return
    }
    #expect(found.textCount == 3 && found.summary.hasPrefix("BLEU "))
    #expect(before == BLEU().score(of: own, references: references.map { [$0] }).value)
    #expect(found.loss == (before - after) / 100)
    // No loss is as small.
    check.tolerance = -2
    #expect(throws: ConversionLossError.self) { try converted(model, to: .int8, check: check) }
    #expect(!FileSystem.exists(temporary.path("int8")))
  }

  @Test("A layout of classifiers is refused")
  func refusesLayout() throws {
    #expect(throws: FolderKindError.self) {
      try ModelConversion.run(model: model, output: temporary.path("out"), layout: .attune)
    }
  }
}
