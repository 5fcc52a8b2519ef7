// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@testable import AttuneRecipes

@Suite("A last layer fitted to fixed vectors")
struct LogisticLayerTests {
  @Test("Its scores are those of scikit-learn's logistic regression", arguments: 0..<4)
  func equalsReference(index: Int) throws {
    let golden = try InputFile.json(of: Golden.path("Recipes/logistic_layer.json"))
      .fields(at: "cases")[index]
    let (labels, weights) = (
      try golden.integers(at: "labels"), try golden.doubles(at: "label_weights")
    )
    let rows = try golden.fields(at: "vectors").map { try $0.doubles().map { Float($0) } }
    let vectors = Tensor(Array(rows.joined()), shape: [rows.count, rows[0].count])
    let layer = LogisticLayer.fitted(
      to: vectors, labels: labels, labelCount: try golden.integer(at: "label_count"),
      rowWeights: labels.map { weights[$0] })
    let found = layer(vectors).values
    let expected = try golden.fields(at: "logits").map { try $0.doubles() }.joined()
    #expect(found.count == expected.count)
    let shift = zip(found, expected).map { Double($0) - $1 }
    #expect(shift.allSatisfy { abs($0) < 1e-5 }, "\(shift)")
  }

  @Test("Vectors of zeros give labels their shares")
  func zeros() {
    let layer = LogisticLayer.fitted(
      to: .zeros([4, 3]), labels: [0, 0, 0, 1], labelCount: 2, rowWeights: [1, 1, 1, 1])
    let logits = layer(.zeros([1, 3])).values
    // The logarithm of the odds, 1 to 3.
    #expect(abs(Double(logits[1] - logits[0]) + 1.0986122886681098) < 1e-5)
  }
}
