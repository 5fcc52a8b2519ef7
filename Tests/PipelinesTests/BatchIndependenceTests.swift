// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneDecoding
import AttuneFormats
import AttuneTensors
import TestSupport
import Testing

@testable import AttunePipelines

@Suite("The answer for a text does not depend on the texts beside it, to the bit")
struct BatchIndependenceTests {
  /// Short and long ones, an empty one, and one that is cut.
  let texts: [String]

  init() throws {
    let reviews = try LabelledTextSet(path: Golden.path("../../datasets/reviews_test.csv"))
      .examples.prefix(24).map { $0.parts[0] }
    texts = reviews + ["", "film", reviews.joined(separator: " ")]
  }

  /// What `answer` gives for all texts at once, alone, and the other way round; the first for each number of threads.
  private func ways<Answer: Sendable>(_ answer: ([String]) -> [Answer]) -> [[Answer]] {
    ThreadSweep.results { answer(texts) } + [
      texts.flatMap { answer([$0]) }, Array(answer(texts.reversed()).reversed()),
    ]
  }

  @Test("Of a classifier, cut or by windows", arguments: PackedMatrix.Format.allCases)
  func classifies(format: PackedMatrix.Format) throws {
    let cutting = try TextClassification.bundled(precision: format)
    for classifier in [cutting, try cutting.reading(window: 24, stride: 12)] {
      let found = ways { classifier.logits($0.map { TextParts($0) }) }
      #expect(Set(found).count == 1 && Set(found[0]).count == texts.count)
    }
  }

  @Test("Of an embedder, with batches of any size", arguments: PackedMatrix.Format.allCases)
  func embeds(format: PackedMatrix.Format) throws {
    let embedding = try TextEmbedding(
      contentsOf: Golden.path("Models/Embedders/folder"), precision: format)
    var found: [[[Float]]] = []
    for budget in [1, 40, 4_096] {
      var options = TextEmbedding.Options()
      options.batchTokens = budget
      found += ways { texts in
        let vectors: Embeddings = embedding.embed(texts, options)
        return texts.indices.map { Array(vectors[$0]) }
      }
    }
    #expect(Set(found).count == 1)
  }

  @Test("Of a translator, with batches of any size", arguments: PackedMatrix.Format.allCases)
  func translates(format: PackedMatrix.Format) throws {
    let golden = try TranslatorGolden("gelu")
    let translation = try Translation(contentsOf: golden.path, precision: format)
    let texts = Array(try golden.document.strings(at: "training").prefix(9)) + [""]
    for beamSize in [1, 3] {
      var found: [[Translation.Translated]] = []
      for batchSize in [1, 4, 64] {
        var options = Translation.Options()
        options.beamSize = beamSize
        options.hypothesisCount = beamSize
        options.batchSize = batchSize
        options.maximumLength = 12
        found += ThreadSweep.results { translation.translate(texts, options) }
        found.append(translation.translate(texts.reversed(), options).reversed())
        found.append(texts.map { translation.translate($0, options) })
      }
      // Texts, scores and log-probabilities, to the last bit.
      #expect(found.allSatisfy { $0 == found[0] })
      #expect(Set(found[0].map(\.text)).count > 3, "the test is idle")
    }
  }
}
