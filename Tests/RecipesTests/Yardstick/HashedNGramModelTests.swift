// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneRecipes
import TestSupport
import Testing

@Suite("Linear models of hashed n-grams")
struct HashedNGramModelTests {
  static func golden(_ index: Int) throws -> JSONField {
    try InputFile.json(of: Golden.path("Recipes/yardstick.json")).fields(at: "cases")[index]
  }

  func classifier(_ golden: JSONField) throws -> HashedNGramModel {
    var settings = HashedNGramModel.Settings()
    (settings.tolerance, settings.maximumIterations) = (1e-9, 2_000)
    settings.isSublinear = try golden.bool(at: "sublinear")
    settings.classWeights = try golden.bool(at: "balanced") ? .balanced : .equal
    return HashedNGramModel(
      texts: try golden.strings(at: "texts"), labels: try golden.integers(at: "labels"),
      labelCount: try golden.integer(at: "label_count"), settings: settings)
  }

  @Test("Probabilities are those of scikit-learn's pipeline", arguments: 0..<3)
  func equalsReference(index: Int) throws {
    let golden = try Self.golden(index)
    let found = try classifier(golden).probabilities(of: try golden.strings(at: "tests"))
    let expected = try golden.fields(at: "probabilities").map { try $0.doubles() }
    #expect(found.count == expected.count)
    for (found, expected) in zip(found.joined(), expected.joined()) {
      #expect(abs(found - expected) < 1e-5)
    }
  }

  private func exactSettings() -> HashedNGramModel.Settings {
    var settings = HashedNGramModel.Settings()
    (settings.tolerance, settings.maximumIterations) = (1e-9, 2_000)
    return settings
  }

  @Test("Sets of labels are scored as by a logistic regression for each label")
  func learnsSets() throws {
    let golden = try InputFile.json(of: Golden.path("Recipes/yardstick.json"))
    let model = HashedNGramModel(
      texts: try golden.strings(at: "texts"),
      labelSets: try golden.fields(at: "sets").map { try $0.integers().map { $0 == 1 } },
      labelCount: 2, settings: exactSettings())
    let found = model.scores(of: try golden.strings(at: "tests"))
    let expected = try golden.fields(at: "set_logits").map { try $0.doubles() }
    #expect(found.count == expected.count)
    for (found, expected) in zip(found.joined(), expected.joined()) {
      #expect(abs(found - expected) < 1e-4)
    }
  }

  @Test("Numbers are predicted as by ridge regression")
  func learnsNumbers() throws {
    let golden = try InputFile.json(of: Golden.path("Recipes/yardstick.json"))
    var settings = exactSettings()
    settings.strength = 1
    let model = HashedNGramModel(
      texts: try golden.strings(at: "texts"),
      numbers: try golden.integers(at: "stars").map { Double($0) }, settings: settings)
    let found = model.scores(of: try golden.strings(at: "tests")).map { $0[0] }
    for (found, expected) in zip(found, try golden.doubles(at: "numbers")) {
      #expect(abs(found - expected) < 1e-5)
    }
  }

  @Test("Any number of threads gives the same bits")
  func isDeterministic() throws {
    let golden = try Self.golden(1)
    let results = try ThreadSweep.results {
      try classifier(golden).probabilities(of: try golden.strings(at: "tests"))
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test("A heavier class wins more texts")
  func weighsClasses() throws {
    let golden = try Self.golden(0)
    let (texts, labels) = (try golden.strings(at: "texts"), try golden.integers(at: "labels"))
    let wins = [1.0, 20].map { weight in
      var settings = HashedNGramModel.Settings()
      (settings.classWeights, settings.strength) = (.given([1, weight]), 0.1)
      return HashedNGramModel(texts: texts, labels: labels, labelCount: 2, settings: settings)
        .predictions(for: texts).reduce(0, +)
    }
    #expect(wins[0] < wins[1])
  }
}
