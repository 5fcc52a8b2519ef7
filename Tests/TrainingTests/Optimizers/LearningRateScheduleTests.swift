// SPDX-License-Identifier: Apache-2.0

import AttuneTraining
import Testing

@Suite("Learning rate schedule")
struct LearningRateScheduleTests {
  typealias Decay = LearningRateSchedule.Decay

  func schedule(_ decay: Decay, _ warmUp: LearningRateSchedule.WarmUp = .steps(4))
    -> LearningRateSchedule
  {
    LearningRateSchedule(peak: 2, decay: decay, warmUp: warmUp)
  }

  @Test("The rate rises in equal parts to the peak", arguments: Decay.allCases)
  func rises(decay: Decay) {
    #expect((0..<4).map { schedule(decay).rate(at: $0, of: 20) } == [0.5, 1, 1.5, 2])
  }

  @Test("The rise can be a share of all steps")
  func risesByShare() {
    #expect(schedule(.linear, .share(0.06)).warmUpSteps(of: 1_000) == 60)
    #expect(schedule(.linear, .none).rate(at: 0, of: 10) == 2)
  }

  @Test("Each decay follows its formula")
  func decays() {
    let expected: [(Decay, Int, Double)] = [
      (.constant, 19, 2), (.linear, 4, 2), (.linear, 12, 1), (.linear, 19, 0.125), (.linear, 20, 0),
      (.cosine, 4, 2), (.cosine, 12, 1), (.cosine, 8, 1 + 0.5.squareRoot()), (.cosine, 20, 0),
      (.inverseSquareRoot, 4, 2 * 0.8.squareRoot()), (.inverseSquareRoot, 15, 1),
    ]
    for (decay, step, rate) in expected {
      #expect(abs(schedule(decay).rate(at: step, of: 20) - rate) < 1e-12, "\(decay) at \(step)")
    }
  }

  @Test("Without a rise the inverse root starts at the peak")
  func inverseRootStartsAtPeak() {
    #expect(schedule(.inverseSquareRoot, .none).rate(at: 0, of: 20) == 2)
    #expect(schedule(.inverseSquareRoot, .none).rate(at: 3, of: 20) == 1)
  }
}
