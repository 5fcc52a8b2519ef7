// SPDX-License-Identifier: Apache-2.0

import AttuneDecoding
import AttuneTensors
import Foundation
import TestSupport
import Testing

@Suite("Rules of searches")
struct SearchRulesTests {
  private let limits = DecodingLimits(start: 0, end: 1, maximumLength: 6)

  /// Token 2 is likeliest everywhere, then 3, then 4, then the end.
  private let model = TableModel(
    [[Double]](repeating: [0.02, 0.08, 0.5, 0.25, 0.15], count: 5))

  private func greedy(
    _ rules: DecodingRules, limits: DecodingLimits? = nil, prefix: [Int32] = []
  ) -> Hypothesis {
    GreedySearch(rules: rules, limits: limits ?? self.limits)(
      SequenceWriter(model), [0], prefixes: [prefix])[0]
  }

  @Test("A token that was written is penalized by its log-probability")
  func repetitionPenalty() {
    // log 0.5 * 2 = log 0.25: a tie with 3, which the lower id wins; then 3 is no better than 4 (0.0625 < 0.15).
    let found = greedy(DecodingRules(repetitionPenalty: 2.01))
    #expect(Array(found.tokens.prefix(4)) == [2, 3, 2, 2])
    let expected = log(0.5) + log(0.25) + 4 * 2.01 * log(0.5)
    #expect(relativeDistance([found.logProbability], [expected]) < 1e-12)
  }

  @Test("No run of tokens is written twice")
  func noRepeatedRuns() {
    #expect(greedy(DecodingRules(noRepeatNGramSize: 2)).tokens == [2, 2, 3, 2, 4, 2])
    let single = greedy(DecodingRules(noRepeatNGramSize: 1))
    #expect(single.tokens == [2, 3, 4])
    #expect(single.isFinished)
  }

  @Test("Suppressed tokens and sequences are not written")
  func suppressed() {
    #expect(greedy(DecodingRules(suppressed: [[2], [3, 3]])).tokens == [3, 4, 3, 4, 3, 4])
  }

  @Test("When every token is forbidden, what was written so far is returned")
  func nothingAllowed() {
    let rules = DecodingRules(suppressed: [[0], [1], [2], [3], [4]])
    let found = greedy(rules, prefix: [4])
    #expect(found.tokens == [4])
    #expect(!found.isFinished)
    let beam = BeamSearch(width: 2, rules: rules, limits: limits)(
      SequenceWriter(model), [0], prefixes: [[4]])
    #expect(beam[0].map(\.tokens) == [[4]])
  }

  @Test("The end waits for the minimum length")
  func minimumLength() {
    let ending = TableModel([[Double]](repeating: [0.1, 0.6, 0.2, 0.1], count: 4))
    for minimum in 0...3 {
      let limits = DecodingLimits(start: 0, end: 1, maximumLength: 6, minimumLength: minimum)
      let found = GreedySearch(limits: limits)(ending, [0])[0]
      #expect(found.tokens.count == minimum && found.isFinished)
      let beam = BeamSearch(width: 3, lengthPenalty: 0, limits: limits)(ending, [0])[0][0]
      #expect(beam.tokens.count == minimum && beam.isFinished)
    }
  }

  @Test("A forced prefix is written and not scored")
  func prefix() {
    let found = greedy(DecodingRules(), prefix: [4, 3])
    #expect(found.tokens == [4, 3, 2, 2, 2, 2])
    #expect(relativeDistance([found.logProbability], [4 * log(0.5)]) < 1e-12)
    let beam = BeamSearch(width: 2, limits: limits)(SequenceWriter(model), [0], prefixes: [[4, 3]])
    #expect(beam[0][0].tokens == [4, 3, 2, 2, 2, 2])
    #expect(relativeDistance([beam[0][0].score], [log(0.5)]) < 1e-12)
    let full = greedy(DecodingRules(), prefix: [4, 4, 4, 4, 4, 4])
    #expect(full.tokens == [4, 4, 4, 4, 4, 4])
    #expect(full.logProbability == 0)
  }

  @Test("A preferred prefix is followed when it is likely enough")
  func preferredPrefix() {
    // (1 - b) 0.15 + b against (1 - b) 0.5.
    #expect(greedy(DecodingRules(prefixBias: 0.2), prefix: [4, 4]).tokens[0] == 2)
    let followed = greedy(DecodingRules(prefixBias: 0.3), prefix: [4, 4])
    #expect(followed.tokens == [4, 4, 2, 2, 2, 2])
    let expected = 2 * log(0.7 * 0.15 + 0.3) + 4 * log(0.5)
    #expect(relativeDistance([followed.logProbability], [expected]) < 1e-12)
  }

  @Test("Scores divide by a power of the length, or by the shifted length")
  func lengthRankings() {
    func score(_ length: HypothesisRanking.Length) -> Double {
      BeamSearch(width: 2, ranking: HypothesisRanking(length: length), limits: limits)(
        model, [0])[0][0].score
    }
    #expect(relativeDistance([score(.power(2))], [6 * log(0.5) / 36]) < 1e-12)
    #expect(
      relativeDistance([score(.shifted(0.8))], [6 * log(0.5) / pow(11.0 / 6, 0.8)]) < 1e-12)
  }

  @Test("More patience finds at least as good a sequence")
  func patience() {
    let numbers = Tensor.drawn([8, 8], seed: 3, scale: 2).doubles
    let table = TableModel(
      logProbabilities: [
        (0..<8).map { row in
          let scores = (0..<8).map { numbers[row * 8 + $0] }
          let normalizer = log(scores.reduce(0) { $0 + exp($1) })
          return scores.map { $0 - normalizer }
        }
      ])
    let rules: [StoppingRule] = [.finished(patience: 1), .finished(patience: 3), .certain]
    let scores = rules.map { rule in
      BeamSearch(width: 3, stopping: rule, limits: limits)(table, [0])[0][0].score
    }
    #expect(scores == scores.sorted())
  }

  @Test("Tokens are drawn as often as they are likely, and only those that are allowed")
  func frequencies() {
    func shares(_ sampling: TokenSampling) -> [Double] {
      let limits = DecodingLimits(start: 0, end: 1, maximumLength: 1)
      let search = SamplingSearch(sampling: sampling, seed: 4, limits: limits)
      let drawn = search(SequenceWriter(model), [Int](repeating: 0, count: 4000))
      var counts = [Double](repeating: 0, count: 5)
      for hypothesis in drawn { counts[Int(hypothesis.tokens.first ?? 1)] += 1.0 / 4000 }
      return counts
    }
    func expectNear(_ found: [Double], _ expected: [Double]) {
      // Four deviations of the least sure count.
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 0.032 }, "\(found)")
      #expect(zip(found, expected).allSatisfy { $1 > 0 || $0 == 0 }, "\(found)")
    }
    expectNear(shares(TokenSampling()), [0.02, 0.08, 0.5, 0.25, 0.15])
    expectNear(shares(TokenSampling(topK: 2)), [0, 0, 2.0 / 3, 1.0 / 3, 0])
    expectNear(shares(TokenSampling(topP: 0.8)), [0, 0, 5.0 / 9, 2.5 / 9, 1.5 / 9])
    let cooled = [0.02, 0.08, 0.5, 0.25, 0.15].map { $0 * $0 }
    let total = cooled.reduce(0, +)
    expectNear(shares(TokenSampling(temperature: 0.5)), cooled.map { $0 / total })
  }

  @Test("Given targets are scored as they are written")
  func referenceScores() {
    let writer = SequenceWriter(model)
    let found = writer.logProbabilities(of: [[2, 4], []], [0, 0], limits: limits)
    #expect(relativeDistance(found[0], [log(0.5), log(0.15), log(0.08)]) < 1e-12)
    #expect(relativeDistance(found[1], [log(0.08)]) < 1e-12)
  }
}
