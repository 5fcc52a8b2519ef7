// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import AttuneTraining
import TestSupport
import Testing

@Suite("Trainer")
struct TrainerTests {
  func trainer(
    _ plan: TrainingPlan = TinyTask.plan(), dropout: Float = 0, examples: Int = 64
  ) throws -> Trainer<TinyTask.Objective> {
    try Trainer(
      TinyTask.model(dropout: dropout), objective: TinyTask.Objective(),
      examples: TinyTask.examples(examples), plan: plan)
  }

  @Test("A classifier learns which mark stands in the text")
  func learns() throws {
    var trainer = try trainer(TinyTask.plan(.epochs(12)), dropout: 0.1, examples: 256)
    #expect(try trainer.run() == .completed)
    #expect(TinyTask.accuracy(trainer.model, on: TinyTask.examples(200, seed: 99)) >= 0.98)
  }

  @Test("Four micro-batches of 4 are one batch of 16, to rounding")
  func accumulates() throws {
    let examples = TinyTask.examples(16)
    var whole = try trainer()
    var parts = try trainer()
    for _ in 0..<5 {
      let first = try whole.step(on: [examples])
      let second = try parts.step(
        on: stride(from: 0, to: 16, by: 4).map { Array(examples[$0..<$0 + 4]) })
      #expect(abs(first.loss - second.loss) < 1e-6)
      #expect(abs(first.gradientNorm - second.gradientNorm) < 1e-5 * first.gradientNorm)
    }
    for (left, right) in zip(whole.model.namedTensors, parts.model.namedTensors)
    where left.name != "encoder.layer.selfAttention.key.bias" {
      // The key bias has gradient zero but for rounding, which Adam blows up to full steps.
      for (a, b) in zip(left.tensor.values, right.tensor.values) {
        #expect(abs(a - b) < 1e-4, "\(left.name)")
      }
    }
  }

  @Test("Micro-batches of unequal size weigh by their examples")
  func weighsByExamples() throws {
    let examples = TinyTask.examples(9)
    var (whole, parts) = (try trainer(), try trainer())
    let first = try whole.step(on: [examples])
    let second = try parts.step(on: [Array(examples[..<1]), Array(examples[1...])])
    #expect(abs(first.loss - second.loss) < 1e-6)
    #expect(abs(first.gradientNorm - second.gradientNorm) < 1e-5)
  }

  @Test("A step copies no parameter")
  func copiesNothing() throws {
    var trainer = try trainer()
    let examples = TinyTask.examples(16)
    _ = try trainer.step(on: [examples, examples])
    let identities = trainer.model.namedTensors.map(\.tensor.identity)
    _ = try trainer.step(on: [examples, examples])
    for ((name, tensor), identity) in zip(trainer.model.namedTensors, identities) {
      #expect(tensor.identity == identity, "\(name) was copied")
    }
  }

  @Test("Products are rounded as the plan says, whatever the model did before")
  func multipliesAsPlanned() throws {
    // As many tokens as the narrow kernels need to pay.
    let examples = TinyTask.examples(640)
    func trained(_ model: ProductPrecision, _ planned: ProductPrecision) throws -> [[Float]] {
      var plan = TinyTask.plan()
      plan.precision = planned
      var trainer = try Trainer(
        TinyTask.model().multiplying(in: model), objective: TinyTask.Objective(),
        examples: examples, plan: plan)
      _ = try trainer.step(on: [examples])
      return trainer.model.namedTensors.map(\.tensor.values)
    }
    let outcomes = try ProductPrecision.allCases.map { try trained(.float32, $0) }
    #expect(Set(outcomes).count == ProductPrecision.allCases.count)
    for (planned, outcome) in zip(ProductPrecision.allCases, outcomes) {
      #expect(try trained(.int16, planned) == outcome)
    }
  }

  @Test("Any number of threads gives the same bits")
  func isDeterministicAcrossThreads() throws {
    let digests = try ThreadSweep.results {
      var trainer = try trainer(TinyTask.plan(microBatches: 3), dropout: 0.1)
      try trainer.run()
      return trainer.snapshot.digest
    }
    #expect(Set(digests).count == 1)
  }

  @Test("The norm of a clipped gradient is reported as it was, and bounds the step")
  func clips() throws {
    var (plan, unclipped) = (TinyTask.plan(), TinyTask.plan())
    (plan.gradientNormBound, unclipped.gradientNormBound) = (1e-3, nil)
    let examples = TinyTask.examples(16)
    var (first, second) = (try trainer(plan), try trainer(unclipped))
    let norm = try first.step(on: [examples]).gradientNorm
    #expect(norm == (try second.step(on: [examples]).gradientNorm))
    #expect(norm > 1e-3)
    func firstMomentNorm(_ trainer: Trainer<TinyTask.Objective>) -> Double {
      trainer.optimizer.namedTensors.filter { $0.name.hasSuffix(".first_moment") }
        .reduce(0) { $0 + $1.tensor.doubles.reduce(0) { $0 + $1 * $1 } }.squareRoot()
    }
    // After one step the first moment is a tenth of the gradient.
    #expect(abs(firstMomentNorm(first) - 1e-4) < 1e-9)
    #expect(abs(firstMomentNorm(second) - norm / 10) < 1e-6)
  }

  @Test("Parameters that are not to be trained stay as they are")
  func freezes() throws {
    var trainer = try Trainer(
      TinyTask.model(), objective: TinyTask.Objective(), examples: TinyTask.examples(32),
      plan: TinyTask.plan(), trains: { $0.hasPrefix("head.") })
    try trainer.run()
    for (before, after) in zip(TinyTask.model().namedTensors, trainer.model.namedTensors) {
      let isEqual = before.tensor.values == after.tensor.values
      #expect(isEqual == !before.name.hasPrefix("head."), "\(before.name)")
    }
  }

  @Test("The precision of the plan is the model's, and a run cannot go on in another")
  func keepsPrecision() throws {
    var plan = TinyTask.plan()
    plan.precision = .int16
    var (coarse, fine) = (try trainer(plan), try trainer(TinyTask.plan()))
    #expect(coarse.model.head.classifier.weight.products == .int16)
    let snapshot = fine.snapshot
    #expect(throws: TrainingError.self) { try coarse.resume(from: snapshot) }
    var again = try trainer(plan)
    try again.resume(from: coarse.snapshot)
    #expect(again.model.head.classifier.weight.products == .int16)
    try fine.resume(from: snapshot)
    #expect(fine.model.head.classifier.weight.products == .float32)
  }

  @Test("Training without examples is refused")
  func refusesNothing() {
    #expect(throws: TrainingError.noExamples) { try trainer(examples: 0) }
  }
}
