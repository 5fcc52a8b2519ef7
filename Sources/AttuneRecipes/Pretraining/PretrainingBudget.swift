// SPDX-License-Identifier: Apache-2.0

internal import AttuneModels
internal import AttuneTensors
internal import AttuneTraining

/// What the parts of a run take, measured on a copy of the model before the first step.
struct PretrainingBudget {
  /// Wall seconds of the parts of a step.
  struct Pace: Equatable {
    /// A step whatever its size: the update of the parameters above all.
    let step: Double
    let microBatch: Double

    func seconds(microBatches: Double) -> Double { step + microBatches * microBatch }
  }

  /// The fastest pace that lasted for some rounds: the machine's own, unless other programs ran all the while.
  let pace: Pace
  /// The pace over all rounds.
  let meanPace: Pace
  /// An evaluation.
  let secondsPerEvaluation: Double
  /// Processors that worked for the process in the rounds of `pace`.
  let processors: Double
  /// Processors that it wanted.
  let threads: Int
  /// Whether other programs took processors away in these rounds. Few processors alone do not tell: parts of a step keep a
  /// single thread busy.
  let isContended: Bool

  /// How long a run is.
  struct Length {
    /// Micro-batches of a step, on average.
    let meanMicroBatches: Double
    /// Evaluations in the run.
    let evaluations: Int
  }

  /// How many steps fit into so many seconds at the fastest pace; few when none do.
  func steps(in seconds: Double, _ length: Length) -> Int {
    max(Self.fewestSteps, fitting(seconds, length, share: 1))
  }

  /// How many steps fit when steps and evaluations take this share of their time.
  private func fitting(_ seconds: Double, _ length: Length, share: Double) -> Int {
    let left = seconds - share * Double(length.evaluations + 1) * secondsPerEvaluation
    return Int(
      max(0, left) / max(share * pace.seconds(microBatches: length.meanMicroBatches), 1e-9))
  }

  /// Wall seconds that so many steps take at a pace, with their evaluations.
  private func seconds(of steps: Int, at pace: Pace, _ length: Length) -> Double {
    Double(steps) * pace.seconds(microBatches: length.meanMicroBatches)
      + Double(length.evaluations + 1) * secondsPerEvaluation
  }

  /// What the user should know of the number of steps that was found.
  func warnings(seconds: Double, _ length: Length) -> [String] {
    let steps = steps(in: seconds, length)
    var warnings: [String] = []
    let undisturbed = fitting(
      seconds, length, share: processors / (Self.usualShare * Double(threads)))
    if isContended, undisturbed > steps {
      warnings.append(
        "the steps were measured on a busy machine: this process had \(processors.rounded1) of "
          + "\(threads) processors, so \(steps.grouped) steps may be far too few. On a quiet one "
          + "about \(undisturbed.grouped) fit: --max-steps \(undisturbed) in place of --budget")
    }
    let expected = self.seconds(of: steps, at: meanPace, length)
    if expected > Self.tolerance * seconds {
      warnings.append(
        "\(steps.grouped) steps take about \(expected.inMinutes) at the mean pace that was measured; "
          + "\(max(0, seconds).inMinutes) of the budget are left"
          + (steps > Self.fewestSteps ? ", which suffice if the machine is left alone" : ""))
    }
    return warnings
  }

  /// With fewer no schedule makes sense; who has no time for them gets them all the same.
  private static let fewestSteps = 20
  /// Share of its threads' time that a training has on a quiet machine of few processors.
  private static let usualShare = 0.95
  /// How far beyond the budget a run may be expected to end without a word.
  private static let tolerance = 1.2
}

extension PretrainingBudget {
  /// Measures by making steps of one micro-batch and of all in turns.
  ///
  /// - Parameters:
  ///   - most: Micro-batches of a step at most.
  ///   - limit: Seconds that the measuring should take.
  ///   - threads: Processors that steps are computed with.
  ///   - step: Makes a step of so many micro-batches.
  ///   - judge: Makes an evaluation.
  init(
    microBatches most: Int, limit: Double,
    threads: Int = min(Parallel.threadCount, ProcessorUse.processorCount),
    clock: WorkClock = .system, step: (_ round: Int, _ microBatches: Int) throws -> Void,
    judge: () throws -> Void
  ) rethrows {
    // The first steps fill caches and pools of memory.
    for count in [1, most] { try step(0, count) }
    var rounds: [MeasuredRound] = []
    let start = clock.now()
    while rounds.count < Self.fewestRounds
      || rounds.count < Self.mostRounds && clock.now().since(start).wall < limit
    {
      let round = rounds.count + 1
      let begin = clock.now()
      try step(round, 1)
      let middle = clock.now()
      try step(round, most)
      rounds.append(
        MeasuredRound(single: middle.since(begin), full: clock.now().since(middle)))
    }
    let fastest = MeasuredRound.sum(MeasuredRound.fastest(of: rounds))
    let judged = clock.now()
    try judge()
    secondsPerEvaluation = clock.now().since(judged).wall
    pace = fastest.pace(of: most)
    meanPace = MeasuredRound.sum(rounds[...]).pace(of: most)
    let spent = fastest.whole
    processors = spent.processor / max(spent.wall, 1e-9)
    self.threads = threads
    isContended =
      processors < Self.leastShare * Double(threads)
      && Double(spent.interruptions) > Self.mostInterruptions * Double(threads) * spent.wall
  }

  private static let fewestRounds = 3
  private static let mostRounds = 50
  /// Share of the threads' time below which the process may have been kept from computing.
  private static let leastShare = 0.85
  /// Times a second that the processor is taken from a thread when nobody else wants it for long: the kernel's own work.
  private static let mostInterruptions = 5.0
}

/// A step of one micro-batch and one of all.
private struct MeasuredRound {
  var single = WorkClock.Reading()
  var full = WorkClock.Reading()
  var count = 1.0

  /// Both steps.
  var whole: WorkClock.Reading { single + full }

  func pace(of microBatches: Int) -> PretrainingBudget.Pace {
    let (one, all) = (single.wall / count, full.wall / count)
    let each = microBatches > 1 ? max(0, (all - one) / Double(microBatches - 1)) : one
    return .init(step: max(0, one - each), microBatch: each)
  }

  static func sum(_ rounds: ArraySlice<MeasuredRound>) -> MeasuredRound {
    rounds.reduce(MeasuredRound(count: 0)) { sum, round in
      MeasuredRound(
        single: sum.single + round.single, full: sum.full + round.full,
        count: sum.count + round.count)
    }
  }

  /// The neighbours that took least: a quarter of all rounds, since a single one can be lucky.
  static func fastest(of rounds: [MeasuredRound]) -> ArraySlice<MeasuredRound> {
    let length = min(rounds.count, max(3, rounds.count / 4))
    let windows = (0...rounds.count - length).map { rounds[$0..<$0 + length] }
    return windows.min { sum($0).whole.wall < sum($1).whole.wall } ?? rounds[...]
  }
}

extension Double {
  fileprivate var rounded1: String { "\((10 * self).rounded() / 10)" }

  /// Seconds as minutes, for people.
  fileprivate var inMinutes: String {
    self < 90 ? "\(Int(rounded())) s" : "\(Int((self / 60).rounded())) min"
  }
}
