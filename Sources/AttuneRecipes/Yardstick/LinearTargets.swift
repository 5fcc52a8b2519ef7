// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem

/// What the scores of a linear model are compared with, row by row.
enum LinearTargets {
  /// The index of the one label; two labels need one score.
  case labels([Int], count: Int)
  /// Whether each label holds: a logistic regression for each.
  case sets([[Bool]], count: Int)
  /// A number: least squares.
  case numbers([Double])

  /// Scores of a row.
  var outputCount: Int {
    switch self {
    case .labels(_, let count): count == 2 ? 1 : count
    case .sets(_, let count): count
    case .numbers: 1
    }
  }

  /// Replaces the scores of a row by the derivatives of its loss; returns the loss.
  func compare(
    _ row: Int, _ scores: UnsafeMutableBufferPointer<Double>, weight: Double
  ) -> Double {
    switch self {
    case .labels(let labels, _) where scores.count == 1:
      return Self.logistic(&scores[0], holds: labels[row] == 1, weight: weight)
    case .labels(let labels, _):
      let own = scores[labels[row]]
      let logSum = LinearLoss.normalize(scores)
      for index in scores.indices {
        scores[index] = weight * (scores[index] - (index == labels[row] ? 1 : 0))
      }
      return weight * (logSum - own)
    case .sets(let sets, _):
      return scores.indices.reduce(0) {
        $0 + Self.logistic(&scores[$1], holds: sets[row][$1], weight: weight)
      }
    case .numbers(let numbers):
      let distance = scores[0] - numbers[row]
      scores[0] = weight * distance
      return weight * distance * distance / 2
    }
  }

  /// Replaces a score by the derivative of its logistic loss; returns the loss.
  private static func logistic(_ score: inout Double, holds: Bool, weight: Double) -> Double {
    let margin = holds ? score : -score
    // log(1 + exp(-margin)) without overflow.
    let loss = max(0, -margin) + log1p(exp(-abs(margin)))
    score = weight * (1 / (1 + exp(-score)) - (holds ? 1 : 0))
    return weight * loss
  }
}
