// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTraining
import TestSupport
import Testing

@Suite("Scores of captions")
struct CaptionMetricsTests {
  private let golden: JSONField

  init() throws { golden = try InputFile.json(of: Golden.path("Training/captions.json")) }

  @Test("BLEU-1 to 4, ROUGE-L and CIDEr-D are pycocoevalcap's, of sets and of single captions")
  func scores() throws {
    let sets = try golden.fields(at: "sets")
    #expect(sets.count == 4)
    for set in sets {
      let evaluation = try CaptionMetrics(tokenization: .none).evaluate(
        set.strings(at: "captions"),
        references: set.fields(at: "references").map { try $0.strings() })
      let scores = evaluation.scores
      #expect(largest(scores.bleu, try set.doubles(at: "bleu")) < 1e-12)
      #expect(largest([scores.rougeL], [try set.double(at: "rouge")]) < 1e-12)
      #expect(largest([scores.cider], [try set.double(at: "cider")]) < 1e-12)
      for (caption, expected) in zip(evaluation.captions, try set.fields(at: "bleus")) {
        #expect(largest(caption.bleu, try expected.doubles()) < 1e-12)
      }
      #expect(largest(evaluation.captions.map(\.rougeL), try set.doubles(at: "rouges")) < 1e-12)
      #expect(largest(evaluation.captions.map(\.cider), try set.doubles(at: "ciders")) < 1e-12)
    }
  }

  @Test("Captions are cut into words as pycocoevalcap's tokenizer cuts them")
  func words() throws {
    for set in ["words", "names"] {
      for line in try golden.fields(at: set) {
        let words = CaptionTokenization.pennTreebank.words(of: try line.string(at: "line"))
        #expect(words == (try line.strings(at: "words")))
      }
    }
  }

  @Test("Words that are cut stay as they are when they are cut again, or at white space")
  func wordsAgain() throws {
    for line in try golden.fields(at: "names") {
      let words = try line.strings(at: "words")
      let joined = words.joined(separator: " ")
      #expect(CaptionTokenization.none.words(of: "  \(joined)\t") == words)
      #expect(CaptionTokenization.pennTreebank.words(of: joined) == words)
    }
    #expect(CaptionTokenization.pennTreebank.words(of: " \u{A0}. ").isEmpty)
    #expect(CaptionTokenization.pennTreebank.words(of: "Ein 😀 & ÄÖ") == ["ein", "😀", "&", "äö"])
  }

  @Test("Case and punctuation do not count unless captions come as words")
  func tokenizations() {
    let (captions, references) = (["A dog runs!", "One cat."], [["a dog runs"], ["one cat"]])
    let plain = CaptionMetrics().evaluate(captions, references: references).scores
    #expect(plain.rougeL == 1 && abs(plain.bleu[0] - 1) < 1e-8)
    let raw = CaptionMetrics(tokenization: .none).evaluate(captions, references: references).scores
    #expect(raw.rougeL < 1)
  }

  @Test("The scores are the same for any number of threads")
  func threads() throws {
    let set = try golden.fields(at: "sets")[1]
    let captions = try set.strings(at: "captions")
    let references = try set.fields(at: "references").map { try $0.strings() }
    let results = ThreadSweep.results {
      CaptionMetrics().evaluate(captions, references: references)
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  private func largest(_ values: [Double], _ expected: [Double]) -> Double {
    guard values.count == expected.count else { return .infinity }
    return zip(values, expected).map { abs($0 - $1) }.max() ?? .infinity
  }
}
