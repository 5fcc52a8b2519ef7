// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem

/// How hypotheses of different lengths are compared.
public struct HypothesisRanking: Sendable, Hashable {
  /// What a log-probability is divided by; lengths count the end, but no forced prefix.
  public enum Length: Sendable, Hashable {
    /// length^p
    case power(Double)
    /// ((5 + length) / 6)^p (Wu et al. 2016, equation 14)
    case shifted(Double)
  }

  public var length: Length
  /// b in b * sum over source positions of log(min(1, attention that the position got)), added to the score (Wu et al. 2016,
  /// equation 14); 0: no penalty.
  public var coveragePenalty: Double

  /// A ranking by length and coverage.
  public init(length: Length = .power(1), coveragePenalty: Double = 0) {
    self.length = length
    self.coveragePenalty = coveragePenalty
  }

  /// Returns the score of `length` tokens, the end included, of a log-probability, without regard to coverage.
  public func score(ofSum logProbability: Double, length: Int) -> Double {
    score(logProbability, length: length)
  }

  /// Returns the score of a hypothesis of `length` tokens.
  func score(_ logProbability: Double, length count: Int, coverage: [Float]? = nil) -> Double {
    let divisor =
      switch length {
      case .power(let exponent): exponent == 0 ? 1 : pow(Double(max(count, 1)), exponent)
      case .shifted(let exponent): pow((5 + Double(count)) / 6, exponent)
      }
    guard coveragePenalty != 0, let coverage else { return logProbability / divisor }
    // A position that got nothing would cost everything; it costs as much as one that got the least number above zero.
    let covered = coverage.reduce(0) {
      $0 + log(min(1, max(Double($1), Double(Float.leastNormalMagnitude))))
    }
    return logProbability / divisor + coveragePenalty * covered
  }
}

/// When a beam search ends.
public enum StoppingRule: Sendable, Hashable {
  /// Once `patience` times as many sequences as the beam is wide are finished.
  case finished(patience: Double)
  /// Once as many as the beam is wide are finished and the best beginning, ended as long as it is, would not be among them.
  case hopeless
  /// The same for an end at the greatest length, where that helps: what is left out cannot be better.
  case certain
}
