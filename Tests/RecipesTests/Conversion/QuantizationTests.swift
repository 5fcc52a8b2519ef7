// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneModels
import AttunePipelines
import AttuneRecipes
import AttuneTensors
import AttuneTokenizers
import TestSupport
import Testing

@Suite("Folders of 8-bit integers")
struct QuantizationTests {
  static let reviews = Golden.path("../../datasets/reviews_test.csv")
  let temporary: TemporaryFolder
  let model: String

  init() throws {
    temporary = try TemporaryFolder()
    model = temporary.path("model")
    let bundled = try BundledModel.classifier.folder()
    let (classifier, tokenizer) = (
      try ClassifierFolder(bundled), try Tokenizer(contentsOf: bundled.encoderFiles)
    )
    try ModelFolder.create(model) { writer in
      try ClassifierFolder.write(
        classifier.model, classifier.configuration, attune: ["task": "text-classification"],
        with: writer)
      for file in try tokenizer.files(maximumLength: tokenizer.maximumLength) {
        try writer.write(file.bytes, to: file.name)
      }
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

  private func size(_ path: String, _ storage: WeightStorage = .float32) throws -> Int {
    try FileSystem.size(
      of: FileSystem.join(path, ModelFolder.weightsFile(storedAs: storage)))
  }

  @Test("They are near a quarter as large, say how they are quantized, and keep accuracy")
  func quantizes() throws {
    var check = ConversionCheck(file: Self.reviews)
    check.tolerance = 0.01
    let (path, comparison) = try converted(model, to: .int8, check: check)
    #expect(try size(path, .int8) * 100 < size(model) * 30)
    // Under the usual name other programs would take the integers for weights.
    #expect(!FileSystem.exists(FileSystem.join(path, ModelFolder.weightsFile)))
    let configuration = try ModelFolder(path).configuration().field(at: "quantization_config")
    #expect(try configuration.string(at: "quant_method") == "attune-int8")
    let found = try #require(comparison)
    guard case .accuracy(let before, let after) = found.measure else {
      Issue.record("\(found)")
      return
    }
    #expect(before > 0.8 && abs(before - after) <= 0.01)
    #expect(found.summary.hasPrefix("accuracy 0.") && found.textCount > 100)
  }

  @Test("What loses more than the tolerance is not written")
  func refuses() throws {
    var check = ConversionCheck(file: Self.reviews)
    // Nothing is good enough for less than nothing.
    check.tolerance = -1
    #expect(throws: ConversionLossError.self) { try converted(model, to: .int8, check: check) }
    #expect(!FileSystem.exists(temporary.path("int8")))
  }

  @Test("They are computed in 8-bit integers unless told otherwise, and can be brought back")
  func computes() throws {
    let texts = ["A wonderful, moving film.", "Dull and far too long.", "It is a film."]
    let (path, _) = try converted(model, to: .int8)
    func scores(_ path: String, _ precision: PackedMatrix.Format?) throws -> [[Float]] {
      try TextClassification(contentsOf: path, precision: precision)
        .logits(texts.map { TextParts($0) })
    }
    let (whole, integers, numbers) = (
      try scores(model, nil), try scores(path, nil), try scores(path, .float32)
    )
    #expect(try integers == scores(path, .int8) && integers != numbers)
    for (one, others) in zip(whole, zip(integers, numbers)) {
      for column in one.indices {
        #expect(abs(one[column] - others.0[column]) < 0.5)
        #expect(abs(one[column] - others.1[column]) < 0.3)
      }
    }
    let (back, _) = try converted(path, to: .float32)
    #expect(try scores(back, nil) == numbers)
    #expect(try !ModelFolder(back).configuration().has("quantization_config"))
    #expect(try size(back) == size(model))
  }

  @Test("Vectors of an embedder are compared by their cosine")
  func comparesVectors() throws {
    let (_, comparison) = try converted(
      Golden.path("Models/Embedders/folder"), to: .bfloat16,
      check: ConversionCheck(file: Self.reviews))
    guard case .cosine(let mean, let least)? = comparison?.measure else {
      Issue.record("\(String(describing: comparison))")
      return
    }
    #expect(mean > 0.999 && mean < 1 && least <= mean && least > 0.99)
  }
}
