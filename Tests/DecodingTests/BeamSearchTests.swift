// SPDX-License-Identifier: Apache-2.0

import AttuneDecoding
import AttuneTensors
import Foundation
import TestSupport
import Testing

@Suite("Beam search")
struct BeamSearchTests {
  private let limits = DecodingLimits(start: 0, end: 1, maximumLength: 4)

  /// Random tables of log-probabilities for three sources and a vocabulary of four.
  private var model: TableModel {
    let numbers = Tensor.drawn([3, 4, 4], seed: 21, scale: 2).doubles
    return TableModel(
      logProbabilities: (0..<3).map { source in
        (0..<4).map { last in
          let row = (0..<4).map { numbers[(source * 4 + last) * 4 + $0] }
          let normalizer = log(row.reduce(0) { $0 + exp($1) })
          return row.map { $0 - normalizer }
        }
      })
  }

  /// Every sequence that the limits allow, with its log-probability.
  private func everything(
    _ table: [[Double]], _ beginning: [Int32] = [], _ sum: Double = 0
  ) -> [(tokens: [Int32], logProbability: Double, isFinished: Bool)] {
    guard beginning.count < limits.maximumLength else { return [(beginning, sum, false)] }
    let row = table[Int(beginning.last ?? limits.start)]
    return row.indices.flatMap { token in
      Int32(token) == limits.end
        ? [(beginning, sum + row[token], true)]
        : everything(table, beginning + [Int32(token)], sum + row[token])
    }
  }

  @Test("A beam as wide as the space finds the best of all sequences", arguments: [0, 0.6, 1, 2])
  func exhaustiveBeam(penalty: Double) {
    let count = 12
    let search = BeamSearch(
      width: 256, hypothesisCount: count, lengthPenalty: penalty, limits: limits)
    let model = model
    for (source, found) in search(model, [0, 1, 2]).enumerated() {
      let expected = everything(model.logProbabilities[source]).map { sequence in
        let length = Double(sequence.tokens.count + (sequence.isFinished ? 1 : 0))
        return (sequence: sequence, score: sequence.logProbability / pow(length, penalty))
      }.sorted { $0.score > $1.score }.prefix(count)
      #expect(found.map(\.tokens) == expected.map(\.sequence.tokens))
      #expect(found.map(\.isFinished) == expected.map(\.sequence.isFinished))
      #expect(relativeDistance(found.map(\.score), expected.map(\.score)) < 1e-12)
      #expect(
        relativeDistance(
          found.map(\.logProbability), expected.map(\.sequence.logProbability)) < 1e-12)
    }
  }

  /// Greedy search takes 2 with 0.5 and can then reach no more than 0.5 x 0.4; 3 with 0.4 is surely followed by the end.
  private let misleading = TableModel([
    [0.05, 0.05, 0.5, 0.4], [0.25, 0.25, 0.25, 0.25], [0.3, 0.4, 0.2, 0.1],
    [0.01, 0.97, 0.01, 0.01],
  ])

  @Test("A beam of width 2 finds what greedy search misses")
  func widthTwo() {
    let greedy = GreedySearch(limits: limits)(misleading, [0])[0]
    #expect(greedy.tokens == [2])
    #expect(relativeDistance([greedy.logProbability], [log(0.5 * 0.4)]) < 1e-12)
    let best = BeamSearch(width: 2, lengthPenalty: 0, limits: limits)(misleading, [0])[0][0]
    #expect(best.tokens == [3])
    #expect(relativeDistance([best.score], [log(0.4 * 0.97)]) < 1e-12)
  }

  @Test("The length penalty decides between short and long")
  func lengthPenalty() {
    // The end at once has 0.3; 2, 2 and the end have 0.6 x 0.7 x 0.3 or less each step.
    let model = TableModel([
      [0.05, 0.3, 0.6, 0.05], [0.25, 0.25, 0.25, 0.25], [0.05, 0.35, 0.55, 0.05],
      [0.25, 0.25, 0.25, 0.25],
    ])
    func best(_ penalty: Double) -> Int {
      BeamSearch(width: 64, lengthPenalty: penalty, limits: limits)(model, [0])[0][0].tokens.count
    }
    #expect(best(0) == 0)
    #expect(best(2) == 4)
  }

  @Test("Equal scores are ordered by token id")
  func tiesByToken() {
    let even = TableModel([[Double]](repeating: [0.25, 0.25, 0.25, 0.25], count: 4))
    let greedy = GreedySearch(limits: limits)(even, [0])
    #expect(greedy[0].tokens == [0, 0, 0, 0])
    #expect(!greedy[0].isFinished)
    let oneToken = DecodingLimits(start: 0, end: 1, maximumLength: 1)
    let beam = BeamSearch(width: 2, hypothesisCount: 2, lengthPenalty: 0, limits: oneToken)
    #expect(beam(even, [0])[0].map(\.tokens) == [[], [0]])
  }

  @Test("A beam takes memory for the beginnings that it has, however wide it may get")
  func widerThanMemory() {
    func found(_ width: Int) -> [[Hypothesis]] {
      BeamSearch(width: width, hypothesisCount: 9, lengthPenalty: 1, limits: limits)(model, [0, 1])
    }
    #expect(found(1 << 40) == found(256))
  }

  @Test("A source finds the same beside others as alone", arguments: [1, 2, 5])
  func aloneAsTogether(width: Int) {
    let search = BeamSearch(width: width, hypothesisCount: width, limits: limits)
    let model = model
    let together = search(model, [2, 0, 1])
    #expect(together == [2, 0, 1].map { search(model, [$0])[0] })
  }
}
