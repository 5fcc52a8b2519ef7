// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem

/// The learning rate of each step: a linear rise to the peak, then a decay.
public struct LearningRateSchedule: Sendable, Hashable {
  /// What follows the rise.
  public enum Decay: String, Sendable, Hashable, Codable, CaseIterable {
    /// The peak to the end.
    case constant
    /// A line from the peak to zero, which the step after the last would reach.
    case linear
    /// Half a cosine from the peak to zero, which the step after the last would reach.
    case cosine
    /// The peak times the root of rise over steps made (Vaswani et al. 2017, equation 3).
    case inverseSquareRoot
  }

  /// How long the rise takes.
  public enum WarmUp: Sendable, Hashable {
    /// The first step has the peak.
    case none
    /// So many steps.
    case steps(Int)
    /// Share of all steps, in 0...1.
    case share(Double)
  }

  /// The highest rate.
  public var peak: Double
  /// What follows the rise.
  public var decay: Decay
  /// How long the rise takes.
  public var warmUp: WarmUp

  /// A schedule of the given peak.
  public init(peak: Double, decay: Decay = .linear, warmUp: WarmUp = .none) {
    self.peak = peak
    self.decay = decay
    self.warmUp = warmUp
  }

  /// Steps of the rise in a run of `total` steps; the last of them has the peak.
  public func warmUpSteps(of total: Int) -> Int {
    switch warmUp {
    case .none: 0
    case .steps(let count): max(0, count)
    case .share(let share): Int((share * Double(total)).rounded())
    }
  }

  /// The rate of a step, counted from 0, in a run of `total` steps.
  public func rate(at step: Int, of total: Int) -> Double {
    let rise = warmUpSteps(of: total)
    if step < rise { return peak * Double(step + 1) / Double(rise) }
    let passed = Double(step - rise) / Double(max(1, total - rise))
    return switch decay {
    case .constant: peak
    case .linear: peak * max(0, 1 - passed)
    case .cosine: peak * (1 + cos(.pi * min(1, passed))) / 2
    case .inverseSquareRoot: peak * (Double(max(1, rise)) / Double(step + 1)).squareRoot()
    }
  }
}
