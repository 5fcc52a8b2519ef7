// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import AttuneTraining
import Foundation
import Testing

@Suite("Objectives")
struct ObjectiveTests {
  func logProbabilities(_ logits: [Float]) -> [Double] {
    let total = logits.reduce(0) { $0 + exp(Double($1)) }
    return logits.map { Double($0) - log(total) }
  }

  @Test("The classification loss is the weighted, smoothed cross-entropy of the labels")
  func classifies() {
    let model = TinyTask.model()
    let examples = TinyTask.examples(6)
    let weights: [Float] = [0.5, 3]
    let objective = TinyTask.Objective(labelSmoothing: 0.2, classWeights: weights)
    let loss = objective.loss(of: model, on: examples, mode: .inference)
    let logits = model.logits(TokenBatch(examples), mode: .inference).values
    var (expected, weight) = (0.0, 0.0)
    for (row, example) in examples.enumerated() {
      let scores = logProbabilities(Array(logits[2 * row..<2 * row + 2]))
      let smoothed = 0.8 * scores[example.label] + 0.1 * (scores[0] + scores[1])
      expected -= Double(weights[example.label]) * smoothed
      weight += Double(weights[example.label])
    }
    #expect(abs(Double(loss.sum.scalar) - expected) < 1e-5)
    #expect(loss.weight == weight)
  }

  @Test("Segments are laid out with their tokens; an example without them is all 0")
  func laysOutSegments() {
    let batch = TokenBatch([
      ClassificationExample(ids: [1, 2], label: 0),
      ClassificationExample(ids: [3], segments: [1], label: 0),
    ])
    #expect(
      batch == TokenBatch(ids: [1, 2, 3], segments: [0, 0, 1], layout: .init(lengths: [2, 1])))
    #expect(TokenBatch([ClassificationExample(ids: [1], label: 0)]).segments == nil)
  }

  /// Scores the next token by the token before it and the first token of the source.
  struct Bigram: SequenceToSequence {
    struct State: DecoderState {
      var sources: [Int32]
      var rowCount: Int { sources.count }
      mutating func select(rows: [Int]) { sources = rows.map { sources[$0] } }
      mutating func detach() {}
    }
    var embedding = Embedding(entries: 5, dimension: 4, standardDeviation: 1, key: .init(seed: 3))
    var outputTable: OutputTable { OutputTable(weight: embedding.weight, bias: nil) }

    func begin(_ source: TokenBatch, mode: Mode) -> State {
      State(sources: (0..<source.layout.count).map { source.ids[source.layout.offsets[$0]] })
    }
    func states(for tokens: TokenBatch, state: inout State, mode: Mode) -> Tensor {
      let sources = tokens.layout.lengths.enumerated().flatMap { row, length in
        [Int32](repeating: state.sources[row], count: length)
      }
      return embedding(tokens.ids) + embedding(sources)
    }
    func logits(of states: Tensor) -> Tensor {
      states.linear(weight: outputTable.weight, bias: nil)
    }
    mutating func visitParameters(_ visit: ParameterVisitor) { visit("embedding", &embedding) }
  }

  @Test("The next-token loss compares each target with what follows the tokens before it")
  func teaches() {
    let model = Bigram()
    let objective = NextTokenObjective<Bigram, [Int32]>(startToken: 4, labelSmoothing: 0.1)
    let pairs = [
      SequencePair(tokens: [2, 0], target: [1, 3, 0]), SequencePair(tokens: [3], target: [2, 0]),
    ]
    let loss = objective.loss(of: model, on: pairs, mode: .inference)
    var expected = 0.0
    for pair in pairs {
      for (index, token) in pair.target.enumerated() {
        let previous = index == 0 ? 4 : pair.target[index - 1]
        let state = model.embedding([previous]) + model.embedding([pair.source[0]])
        let scores = logProbabilities(model.logits(of: state).values)
        expected -= 0.9 * scores[Int(token)] + 0.1 * scores.reduce(0, +) / 5
      }
    }
    #expect(abs(Double(loss.sum.scalar) - expected) < 1e-5)
    #expect(loss.weight == 5)
    #expect(objective.tokenCount(of: pairs[0]) == 5)
  }

  @Test("The plan's precision is that of products with the table of tokens, too")
  func roundsOutputs() throws {
    // No linear map; as many tokens as the narrow kernels need to pay.
    var model = Bigram()
    model.embedding = Embedding(
      entries: 64, dimension: 64, standardDeviation: 0.2, key: .init(seed: 5))
    let pairs = (0..<40).map { pair in
      SequencePair(tokens: [Int32(pair)], target: [1, 3, Int32(pair), 0])
    }
    func gradientNorm(_ products: ProductPrecision) throws -> Double {
      var plan = TinyTask.plan()
      plan.precision = products
      var trainer = try Trainer(
        model, objective: NextTokenObjective<Bigram, [Int32]>(startToken: 4), examples: pairs,
        plan: plan)
      return try trainer.step(on: [pairs]).gradientNorm
    }
    let exact = try gradientNorm(.float32)
    for products in [ProductPrecision.bfloat16, .int16] {
      let difference = abs(try gradientNorm(products) / exact - 1)
      #expect(difference > 0 && difference < 0x1p-7, "\(products)")
    }
  }
}
