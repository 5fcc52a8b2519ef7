// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneLayers
import AttuneTensors
import AttuneTraining
import TestSupport
import Testing

@Suite("A training run")
struct TrainerRunTests {
  typealias Snapshot = TrainingSnapshot<TinyTask.Model>

  func trainer(_ plan: TrainingPlan, dropout: Float = 0.2) throws -> Trainer<TinyTask.Objective> {
    try Trainer(
      TinyTask.model(dropout: dropout), objective: TinyTask.Objective(),
      examples: TinyTask.examples(30), plan: plan)
  }

  /// Evaluates on the way, and stops when it has made `step` steps.
  func hooks(stoppingAt step: Int = .max) -> TrainingHooks<TinyTask.Model> {
    var made = 0
    return TrainingHooks(
      evaluate: {
        Evaluation(score: TinyTask.accuracy($0, on: TinyTask.examples(50, seed: 4)))
      },
      shouldStop: { made == step },
      observe: { if case .step(let report) = $0 { made = report.step } })
  }

  @Test(
    "Interrupted and resumed equals uninterrupted, bit for bit", arguments: [0, 1, 3, 4, 7, 11])
  func resumes(at step: Int) throws {
    let plan = TinyTask.plan(.epochs(6), microBatches: 2)
    var (uninterrupted, interrupted) = (try trainer(plan), try trainer(plan))
    #expect(try uninterrupted.run(hooks()) == .completed)
    let place = try TemporaryFolder()
    let folder = try CheckpointFolder(place.path, start: .fresh)
    #expect(
      try interrupted.run(hooks(stoppingAt: step).saving(in: folder)) == .interrupted)
    let resumed = try ThreadSweep.results {
      var resumed = try trainer(plan)
      #expect(try resumed.resume(from: folder).isEmpty)
      #expect(resumed.state.step == step)
      #expect(try resumed.run(hooks()) == .completed)
      return resumed
    }
    for resumed in resumed {
      #expect(resumed.snapshot.digest == uninterrupted.snapshot.digest)
      #expect(resumed.state == uninterrupted.state)
      let (best, expected) = (try #require(resumed.best), try #require(uninterrupted.best))
      for (left, right) in zip(best.namedTensors, expected.namedTensors) {
        #expect(left.tensor.values == right.tensor.values)
      }
    }
  }

  @Test("A snapshot in memory resumes as well")
  func resumesFromMemory() throws {
    let plan = TinyTask.plan(.epochs(2))
    var (whole, first, second) = (try trainer(plan), try trainer(plan), try trainer(plan))
    try whole.run()
    var made = 0
    try first.run(
      TrainingHooks(shouldStop: { made == 3 }, observe: { if case .step = $0 { made += 1 } }))
    try second.resume(from: first.snapshot)
    try second.run()
    #expect(second.snapshot.digest == whole.snapshot.digest)
  }

  @Test("A run cannot be resumed with other examples or another seed")
  func refusesOtherOrigin() throws {
    let plan = TinyTask.plan()
    let snapshot = try trainer(plan).snapshot
    var other = plan
    other.seed = 8
    var seeded = try trainer(other)
    let error = #expect(throws: TrainingError.self) { try seeded.resume(from: snapshot) }
    #expect(error?.description.contains("seed 7, and is resumed with 30 examples") == true)
    var longer = try Trainer(
      TinyTask.model(), objective: TinyTask.Objective(), examples: TinyTask.examples(31), plan: plan
    )
    #expect(throws: TrainingError.self) { try longer.resume(from: snapshot) }
  }

  @Test("Evaluations and checkpoints come when due, and the last step has both")
  func keepsIntervals() throws {
    var plan = TinyTask.plan(.steps(10))
    (plan.evaluation, plan.checkpoint) = (.steps(4), .steps(3))
    var trainer = try trainer(plan)
    var (evaluated, saved): ([Int], [String]) = ([], [])
    var score = 0.0
    try trainer.run(
      TrainingHooks(
        evaluate: { _ in
          score += 1
          return Evaluation(score: score == 2 ? 0 : score)
        },
        save: { saved.append("\($1.rawValue) \($0.state.step)") },
        observe: { if case .evaluation(_, let step, _) = $0 { evaluated.append(step) } }))
    #expect(evaluated == [4, 8, 10])
    #expect(
      saved == ["interval 3", "best 4", "interval 6", "interval 9", "best 10"])
    #expect(trainer.state.bestStep == 10 && trainer.state.bestScore == 3)
  }

  @Test("The run ends when the score has not improved for as long as the plan has patience")
  func stopsEarly() throws {
    var plan = TinyTask.plan(.steps(100))
    (plan.evaluation, plan.patience) = (.steps(1), 3)
    var trainer = try trainer(plan)
    let scores = [1.0, 5, 4, 5, 3, 9]
    var count = 0
    let outcome = try trainer.run(
      TrainingHooks(evaluate: { _ in
        defer { count += 1 }
        return Evaluation(score: scores[count])
      }))
    #expect(outcome == .stoppedEarly)
    #expect(trainer.state.step == 5 && trainer.state.bestStep == 2)
    // The best model is the one of step 2.
    var shorter = try self.trainer(plan)
    var made = 0
    try shorter.run(
      TrainingHooks(
        shouldStop: { made == 2 }, observe: { if case .step = $0 { made += 1 } }))
    let best = try #require(trainer.best)
    for (left, right) in zip(best.namedTensors, shorter.model.namedTensors) {
      #expect(left.tensor.values == right.tensor.values)
    }
    #expect(try trainer.run() == .stoppedEarly)
  }

  @Test("A loss that is not a number ends the run, names the step and writes nothing")
  func refusesNonFinite() throws {
    var plan = TinyTask.plan(.steps(20), rate: 1e30)
    (plan.schedule.warmUp, plan.gradientNormBound, plan.checkpoint) = (.none, nil, .steps(1))
    var trainer = try trainer(plan)
    var saved: [Snapshot] = []
    let error = #expect(throws: TrainingError.self) {
      try trainer.run(TrainingHooks(save: { snapshot, _ in saved.append(snapshot) }))
    }
    guard case .notFinite(_, _, let step, let rate)? = error else {
      Issue.record("expected a number that is not finite, got \(String(describing: error))")
      return
    }
    #expect((1...20).contains(step) && rate > 1e28)
    for snapshot in saved {
      #expect(snapshot.model.namedTensors.allSatisfy { $0.tensor.values.allSatisfy(\.isFinite) })
    }
  }

  @Test("Warnings of an evaluation reach the observer")
  func passesWarningsOn() throws {
    var trainer = try trainer(TinyTask.plan(.epochs(1)))
    var warnings: [String] = []
    try trainer.run(
      TrainingHooks(
        evaluate: { _ in Evaluation(score: 0, warnings: ["every text is 'a'"]) },
        observe: { if case .warning(let text) = $0 { warnings.append(text) } }))
    #expect(warnings == ["every text is 'a'"])
  }

  @Test("An error of the caller's hooks ends the run")
  func passesErrorsOn() throws {
    struct Full: Error {}
    var trainer = try trainer(TinyTask.plan(.epochs(1)))
    #expect(throws: Full.self) { try trainer.run(TrainingHooks(save: { _, _ in throw Full() })) }
  }
}
