// SPDX-License-Identifier: Apache-2.0

/// What follows from the outputs of a classifier for one example.
public enum Decision {
  /// Returns the index of the largest probability, the first among equals; 0 for none.
  public static func likeliest(of probabilities: some Collection<Float>) -> Int {
    var (winner, largest) = (0, -Float.infinity)
    for (index, probability) in probabilities.enumerated() where probability > largest {
      (winner, largest) = (index, probability)
    }
    return winner
  }

  /// Returns the median label of a distribution over ordered labels: the first whose cumulated probability reaches a half.
  ///
  /// Among all labels it has the least expected distance to the true one.
  public static func median(of probabilities: some Collection<Float>) -> Int {
    let half = probabilities.reduce(0) { $0 + Double($1) } / 2
    var cumulated = 0.0
    for (index, probability) in probabilities.enumerated() {
      cumulated += Double(probability)
      // A NaN never reaches anything; the last label ends the search.
      if cumulated >= half { return index }
    }
    return max(0, probabilities.count - 1)
  }

  /// Returns whether each label holds: its probability reaches its threshold.
  public static func reached(
    _ probabilities: some Collection<Float>, thresholds: some Collection<Float>
  ) -> [Bool] {
    precondition(
      probabilities.count == thresholds.count,
      "\(probabilities.count) probabilities, \(thresholds.count) thresholds")
    return zip(probabilities, thresholds).map { $0 >= $1 }
  }
}
