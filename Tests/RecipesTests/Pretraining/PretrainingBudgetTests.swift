// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import AttuneRecipes

@Suite("Time budgets of a pretraining")
struct PretrainingBudgetTests {
  /// A machine with a clock of its own, on which a step takes 0.1 s and 0.3 s for each micro-batch when nothing else runs.
  final class Machine {
    private var reading = WorkClock.Reading()
    /// Rounds that were begun, by the factor by which other programs slow them down.
    let slowness: (_ round: Int) -> Double
    /// Processors that a step keeps busy.
    let processors: Double
    private(set) var judgements = 0

    init(processors: Double = 1.95, slowness: @escaping (_ round: Int) -> Double = { _ in 1 }) {
      (self.processors, self.slowness) = (processors, slowness)
    }

    private func work(_ seconds: Double, _ factor: Double) {
      reading.wall += factor * seconds
      reading.processor += processors * seconds
      // Who shares a processor loses it a hundred times a second.
      reading.interruptions += Int(factor > 1 ? 200 * factor * seconds : 2 * seconds)
    }

    func budget(limit: Double = 30, threads: Int = 2) -> PretrainingBudget {
      PretrainingBudget(
        microBatches: 4, limit: limit, threads: threads, clock: WorkClock { self.reading },
        step: { round, count in self.work(0.1 + 0.3 * Double(count), self.slowness(round)) },
        judge: {
          self.judgements += 1
          self.work(2, self.slowness(.max))
        })
    }
  }

  let length = PretrainingBudget.Length(meanMicroBatches: 2.5, evaluations: 19)

  func isNear(_ found: PretrainingBudget.Pace, _ step: Double, _ microBatch: Double) -> Bool {
    abs(found.step - step) < 1e-9 && abs(found.microBatch - microBatch) < 1e-9
  }

  @Test("On a quiet machine the steps fill the time that evaluations leave")
  func quiet() {
    let machine = Machine()
    let budget = machine.budget()
    #expect(isNear(budget.pace, 0.1, 0.3) && isNear(budget.meanPace, 0.1, 0.3))
    #expect(abs(budget.secondsPerEvaluation - 2) < 1e-9 && machine.judgements == 1)
    // 20 evaluations take 40 s, a step 0.85 s.
    #expect(budget.steps(in: 40 + 85.01, length) == 100)
    #expect(budget.warnings(seconds: 40 + 85.01, length).isEmpty)
  }

  @Test("The pace is the fastest that lasted, whatever else ran before or after")
  func disturbed() {
    for isBusy: (Int) -> Bool in [{ $0 < 12 }, { $0 > 6 }, { $0 < 6 || $0 > 11 }] {
      let budget = Machine { isBusy($0) ? 3 : 1 }.budget(limit: 60)
      #expect(isNear(budget.pace, 0.1, 0.3), "\(budget.pace)")
      #expect(budget.meanPace.microBatch > 0.4)
      #expect(!budget.isContended)
      // The machine may stay as busy as it was.
      let warnings = budget.warnings(seconds: 1_000, length)
      #expect(warnings.count == 1 && warnings[0].contains("17 min of the budget"), "\(warnings)")
    }
  }

  @Test("One lucky round does not make a pace")
  func lucky() {
    let budget = Machine { $0 == 9 ? 0.2 : 1 }.budget(limit: 60)
    // The least window has 9 of 35 rounds or so, one of them lucky.
    #expect(budget.pace.microBatch > 0.25 && budget.pace.microBatch < 0.3)
  }

  @Test("A machine that was busy all the while is told of, with the steps that a quiet one makes")
  func busy() throws {
    let budget = Machine { _ in 2.5 }.budget()
    #expect(budget.isContended && abs(budget.processors - 0.78) < 1e-9)
    // 20 evaluations take 100 s, a step 2.125 s.
    let seconds = 100 + 2_125.1
    #expect(budget.steps(in: seconds, length) == 1_000)
    let warning = try #require(budget.warnings(seconds: seconds, length).first)
    #expect(warning.contains("0.8 of 2 processors") && warning.contains("1,000 steps"))
    // On a quiet machine it would have had 1.95 of 2 processors; 1.9 are taken to be usual.
    #expect(warning.contains("--max-steps 2503 "), "\(warning)")
  }

  @Test("Threads that wait for each other are not other programs")
  func serial() {
    let budget = Machine(processors: 5).budget(threads: 16)
    #expect(!budget.isContended && budget.warnings(seconds: 1_000, length).isEmpty)
  }

  @Test("Who has no time for the fewest steps is told how long they take")
  func short() {
    let budget = Machine().budget(limit: 0)
    #expect(budget.steps(in: 10, length) == 20)
    let pace = "20 steps take about 57 s at the mean pace that was measured"
    #expect(budget.warnings(seconds: 10, length) == ["\(pace); 10 s of the budget are left"])
    #expect(budget.warnings(seconds: -3, length) == ["\(pace); 0 s of the budget are left"])
    // Nothing fits on a quiet machine either, so it is not recommended.
    let busy = Machine { _ in 2.5 }.budget(limit: 0)
    #expect(busy.isContended && busy.warnings(seconds: 10, length).count == 1)
  }

  @Test("Measuring ends with its time, after three rounds at least")
  func ends() {
    var rounds = 0
    var now = 0.0
    func measure(limit: Double) -> Int {
      rounds = 0
      _ = PretrainingBudget(
        microBatches: 1, limit: limit, threads: 1,
        clock: WorkClock { WorkClock.Reading(wall: now, processor: now) },
        step: { round, _ in
          rounds = round
          now += 1
        }, judge: {})
      return rounds
    }
    #expect(measure(limit: 0) == 3)
    #expect(measure(limit: 20) == 10)
    #expect(measure(limit: 1_000) == 50)
  }

  @Test("The process's own use of processors is counted")
  func ownUse() {
    let clock = WorkClock.system
    let before = clock.now()
    var sum = 0.0
    while clock.now().since(before).wall < 0.02 { for term in 0..<1_000 { sum += Double(term) } }
    let spent = clock.now().since(before)
    #expect(sum > 0 && spent.processor > 0 && spent.processor < 64 * spent.wall)
    #expect(spent.interruptions >= 0)
  }
}
