// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTraining
import TestSupport
import Testing

@Suite("Scores of translations")
struct TranslationMetricsTests {
  private let golden: JSONField
  private let references: [[String]]
  private let systems: [[String]]

  init() throws {
    golden = try InputFile.json(of: Golden.path("Training/translation_metrics.json"))
    references = try golden.fields(at: "references").map { try $0.strings() }
    systems = try golden.fields(at: "systems").map { try $0.strings() }
  }

  /// The first `count` references of each segment.
  private func references(_ count: Int) -> [[String]] {
    references[0].indices.map { segment in references[..<count].map { $0[segment] } }
  }

  @Test("Segments are cut as sacreBLEU cuts them", arguments: ScoringTokenization.allCases)
  func words(tokenization: ScoringTokenization) throws {
    let expected = try golden.fields(at: "words", tokenization.rawValue)
    for (line, words) in zip((references + systems).joined(), expected) {
      // Compared by scalars: strings are equal when only their normal forms are.
      #expect(
        tokenization.words(of: line).map { Array($0.unicodeScalars) }
          == (try words.strings()).map { Array($0.unicodeScalars) })
    }
  }

  @Test("BLEU, its parts and its signature are sacreBLEU's, of corpora and of sentences")
  func bleu() throws {
    for setting in try golden.fields(at: "bleu") {
      let metric = try BLEU(golden: setting.field(at: "settings"))
      for (index, expected) in try setting.fields(at: "cases").enumerated() {
        let count = try expected.integer(at: "references")
        let system = systems[index % systems.count]
        let score = metric.score(of: system, references: references(count))
        #expect(metric.line(score, referenceCount: count) == (try expected.string(at: "line")))
        #expect(relativeDistance([score.value], [try expected.double(at: "value")]) < 1e-12)
        let sentences = zip(system, references(count)).map {
          metric.score(of: [$0], references: [$1]).value
        }
        #expect(
          relativeDistance(sentences, try expected.doubles(at: "sentences")) < 1e-12)
      }
    }
  }

  @Test("chrF, chrF++ and their signatures are sacreBLEU's, of corpora and of sentences")
  func chrF() throws {
    for setting in try golden.fields(at: "chrf") {
      let metric = try ChrF(golden: setting.field(at: "settings"))
      for (index, expected) in try setting.fields(at: "cases").enumerated() {
        let count = try expected.integer(at: "references")
        let system = systems[index % systems.count]
        let score = metric.score(of: system, references: references(count))
        #expect(metric.line(score, referenceCount: count) == (try expected.string(at: "line")))
        let sentences = zip(system, references(count)).map {
          metric.score(of: [$0], references: [$1])
        }
        #expect(
          relativeDistance(sentences, try expected.doubles(at: "sentences")) < 1e-12)
      }
    }
  }

  @Test("A signature tells that segments have different numbers of references")
  func variableReferences() {
    #expect(
      BLEU().signature(referenceCount: nil)
        == "nrefs:var|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0")
  }
}

extension BLEU {
  fileprivate init(golden: JSONField) throws {
    self.init()
    if try golden.has("tokenize") {
      tokenization = try #require(ScoringTokenization(rawValue: golden.string(at: "tokenize")))
    }
    ignoresCase = try golden.has("lowercase")
    usesEffectiveOrder = try golden.optionalBool(at: "effective_order") ?? false
    if try golden.has("max_ngram_order") {
      maximumOrder = try golden.integer(at: "max_ngram_order")
    }
    guard try golden.has("smooth_method") else { return }
    let value = try golden.optionalDouble(at: "smooth_value")
    smoothing =
      switch try golden.string(at: "smooth_method") {
      case "floor": .floor(value ?? 0.1)
      case "add-k": .addK(value ?? 1)
      default: .none
      }
  }
}

extension ChrF {
  fileprivate init(golden: JSONField) throws {
    self.init()
    if try golden.has("char_order") { characterOrder = try golden.integer(at: "char_order") }
    if try golden.has("word_order") { wordOrder = try golden.integer(at: "word_order") }
    if try golden.has("beta") { beta = try golden.integer(at: "beta") }
    ignoresCase = try golden.has("lowercase")
    countsWhiteSpace = try golden.has("whitespace")
    averagesAllOrders = try golden.has("eps_smoothing")
  }
}
