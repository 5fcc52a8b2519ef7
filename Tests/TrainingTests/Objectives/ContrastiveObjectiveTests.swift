// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import AttuneTraining
import Foundation
import TestSupport
import Testing

@Suite("Learning from pairs of texts")
struct ContrastiveObjectiveTests {
  typealias Objective = ContrastiveObjective<TinyEncoder>

  /// Five texts with the labels 0, 0, 1, 1, 2: each has at most one partner, so nothing is left to chance.
  static let texts = [[2, 3, 4], [5, 6], [7, 8, 9, 10], [11, 2], [3, 9, 4]].enumerated().map {
    ClassificationExample(ids: $1.map { Int32($0) }, label: $0 / 2)
  }

  /// What the last layer sees, with the gradient through pooler and encoder.
  private func features(_ model: TinyTask.Model, _ texts: [ClassificationExample]) -> [[Double]] {
    let features = model.features(TokenBatch(texts), mode: .inference)
    return (0..<texts.count).map { row in
      Array(features.doubles[row * features.columnCount..<(row + 1) * features.columnCount])
    }
  }

  @Test("The loss is the mean of the squared misses over pairs of one label and over pairs of two")
  func isClosedForm() {
    let model = TinyTask.model().converted(to: .float64)
    let examples = ContrastiveExample.all(of: Self.texts)
    let loss = Objective().loss(of: model, on: examples, mode: .inference)
    // Each text and its partner: the neighbour of its label, or the text itself.
    let batch = Self.texts + [1, 0, 3, 2, 4].map { Self.texts[$0] }
    let vectors = features(model, batch)
    var sums = [true: 0.0, false: 0.0]
    var counts = [true: 0.0, false: 0.0]
    for first in batch.indices {
      for second in batch.indices where first < second {
        let (a, b) = (vectors[first], vectors[second])
        let dot = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        let lengths = [a, b].map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let agrees = batch[first].label == batch[second].label
        let miss = dot / (lengths[0] * lengths[1]) - (agrees ? 1 : 0)
        sums[agrees, default: 0] += miss * miss
        counts[agrees, default: 0] += 1
      }
    }
    let means = [true, false].map { sums[$0, default: 0] / counts[$0, default: 1] }
    let expected = (means[0] + means[1]) / 2
    #expect(loss.weight == 5 && expected > 0.1)
    #expect(abs(loss.sum.doubles[0] / loss.weight - expected) < 1e-12)
  }

  @Test("Texts of one label alone are brought together and set apart from nothing")
  func oneLabel() {
    let model = TinyTask.model()
    let texts = [Self.texts[0], Self.texts[1]]
    let examples = ContrastiveExample.all(of: texts)
    let loss = Objective().loss(of: model, on: examples, mode: .inference)
    #expect(loss.sum.scalar > 0 && loss.sum.scalar.isFinite)
    let alone = ContrastiveExample.all(of: [Self.texts[4]])
    #expect(alone[0].partners.isEmpty)
    #expect(abs(Objective().loss(of: model, on: alone, mode: .inference).sum.scalar) < 1e-6)
  }

  /// The parts of a model that pairs teach: all but the last layer.
  private struct Taught: Module {
    var encoder: TinyEncoder
    var pooler: Linear
    mutating func visitParameters(_ visit: ParameterVisitor) {
      visit("encoder", &encoder)
      visit("pooler", &pooler)
    }
  }

  @Test("Gradients agree with central differences")
  func gradients() throws {
    var model = TinyTask.model().converted(to: .float64)
    let pooler = try #require(model.head.pooler)
    let examples = ContrastiveExample.all(of: Self.texts)
    try expectGradients(of: Taught(encoder: model.encoder, pooler: pooler)) { taught in
      (model.encoder, model.head.pooler) = (taught.encoder, taught.pooler)
      return Objective().loss(of: model, on: examples, mode: .inference).sum
    }
  }

  @Test("Partners differ from step to step, follow from the seed, and carry the label")
  func partners() {
    let model = TinyTask.model()
    let texts = TinyTask.examples(12)
    let examples = ContrastiveExample.all(of: texts)
    for (example, text) in zip(examples, texts) {
      #expect(example.anchor == text && !example.partners.contains(text))
      #expect(example.partners.allSatisfy { $0.label == text.label })
      #expect(
        example.partners.count == texts.count { $0.label == text.label && $0 != text })
    }
    func loss(step: Int) -> Float {
      let mode = Mode.training(TrainingPass(seed: 3, step: step))
      return Objective().loss(of: model, on: Array(examples.prefix(4)), mode: mode).sum.scalar
    }
    #expect(loss(step: 1) == loss(step: 1) && loss(step: 1) != loss(step: 2))
  }

  @Test("Training on pairs parts the labels")
  func learns() throws {
    let examples = TinyTask.examples(32)
    var plan = TinyTask.plan(.steps(120), examples: 16)
    (plan.evaluation, plan.checkpoint) = (.never, .never)
    var trainer = try Trainer(
      TinyTask.model(), objective: Objective(), examples: ContrastiveExample.all(of: examples),
      plan: plan, trains: { !$0.hasPrefix("head.classifier.") })
    try trainer.run()
    let unseen = ContrastiveExample.all(of: TinyTask.examples(40, seed: 9))
    func loss(_ model: TinyTask.Model) -> Double {
      let loss = Objective().loss(of: model, on: unseen, mode: .inference)
      return Double(loss.sum.scalar) / loss.weight
    }
    let (before, after) = (loss(TinyTask.model()), loss(trainer.model))
    #expect(after < before / 2, "\(before) before, \(after) after")
  }
}
