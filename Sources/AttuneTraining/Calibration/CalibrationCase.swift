// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem

/// A choice among outputs with what was true: what probabilities are judged by.
///
/// Of a text with any number of labels each label is a case of its own, between "holds" and "does not".
public struct CalibrationCase: Sendable, Equatable {
  /// The score of each choice, before the softmax.
  public let logits: [Double]
  /// The index of what is true.
  public let truth: Int

  /// The case of a text with one label.
  public init(logits: [Float], label: Int) {
    precondition(logits.indices.contains(label), "label \(label) of \(logits.count)")
    self.logits = logits.map { Double($0) }
    truth = label
  }

  /// The case of one label of a text with any number of them: a sigmoid is a softmax beside a score of 0.
  public init(logit: Float, holds: Bool) {
    logits = [0, Double(logit)]
    truth = holds ? 1 : 0
  }

  /// The cases of texts with any number of labels.
  public static func all(logits: [[Float]], labelSets: [[Bool]]) -> [CalibrationCase] {
    zip(logits, labelSets).flatMap { logits, holds in
      zip(logits, holds).map { CalibrationCase(logit: $0, holds: $1) }
    }
  }

  /// What the softmax of the scores over a temperature gives.
  struct Outcome {
    /// -log(probability of what is true).
    let crossEntropy: Double
    /// Its first derivative by the inverse of the temperature.
    let slope: Double
    /// Its second derivative, a variance and so never negative.
    let curvature: Double
    /// The likeliest choice, the first among equals.
    let winner: Int
    /// The probability of the likeliest choice.
    let confidence: Double
  }

  func outcome(inverseTemperature: Double) -> Outcome {
    var winner = 0
    for index in logits.indices where logits[index] > logits[winner] { winner = index }
    let largest = logits[winner]
    var (total, mean, square) = (0.0, 0.0, 0.0)
    for logit in logits {
      // Around the largest score nothing overflows, and the winner's own part is 1.
      let distance = logit - largest
      let part = exp(inverseTemperature * distance)
      total += part
      mean += part * distance
      square += part * distance * distance
    }
    mean /= total
    let truth = logits[truth] - largest
    return Outcome(
      crossEntropy: log(total) - inverseTemperature * truth, slope: mean - truth,
      curvature: max(0, square / total - mean * mean), winner: winner, confidence: 1 / total)
  }
}

extension Reliability {
  /// The reliability of the likeliest choices, of scores over a temperature.
  public init(of cases: [CalibrationCase], temperature: Double = 1, binCount: Int = 15) {
    let outcomes = cases.map { $0.outcome(inverseTemperature: 1 / temperature) }
    self.init(
      confidences: outcomes.map(\.confidence),
      isRight: zip(cases, outcomes).map { $0.truth == $1.winner }, binCount: binCount)
  }
}

extension [CalibrationCase] {
  /// Mean of -log(probability of what is true), of scores over a temperature; 0 without cases.
  public func meanCrossEntropy(temperature: Double) -> Double {
    reduce(0) { $0 + $1.outcome(inverseTemperature: 1 / temperature).crossEntropy }
      / Double(Swift.max(count, 1))
  }
}
