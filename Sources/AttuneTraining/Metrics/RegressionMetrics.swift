// SPDX-License-Identifier: Apache-2.0

/// How near predicted numbers come to the true ones; every number is finite when the numbers are.
public struct RegressionMetrics: Sendable, Equatable {
  /// Mean distance.
  public let meanAbsoluteError: Double
  /// Root of the mean squared distance.
  public let rootMeanSquaredError: Double
  /// Pearson's correlation; 0 when either side never changes.
  public let pearson: Double
  /// Spearman's correlation, Pearson's of the ranks, equal numbers sharing their mean rank; 0 when either side never changes.
  public let spearman: Double
  /// Share of the predictions at most 1 away, as one star is.
  public let shareWithinOne: Double
  /// Examples.
  public let count: Int

  /// The metrics of predicted numbers.
  public init(truths: [Double], predictions: [Double]) {
    precondition(
      truths.count == predictions.count,
      "\(predictions.count) predictions for \(truths.count) numbers")
    count = truths.count
    let distances = zip(truths, predictions).map { abs($0 - $1) }
    let divisor = Double(max(count, 1))
    meanAbsoluteError = distances.reduce(0, +) / divisor
    rootMeanSquaredError = (distances.reduce(0) { $0 + $1 * $1 } / divisor).squareRoot()
    shareWithinOne = Double(distances.count { $0 <= 1 }) / divisor
    pearson = Self.correlation(truths, predictions)
    spearman = Self.correlation(Self.ranks(of: truths), Self.ranks(of: predictions))
  }

  private static func correlation(_ left: [Double], _ right: [Double]) -> Double {
    let count = Double(max(left.count, 1))
    let means = (left.reduce(0, +) / count, right.reduce(0, +) / count)
    var (product, squares) = (0.0, (0.0, 0.0))
    for (one, other) in zip(left, right) {
      let (a, b) = (one - means.0, other - means.1)
      product += a * b
      squares = (squares.0 + a * a, squares.1 + b * b)
    }
    let deviation = (squares.0 * squares.1).squareRoot()
    return deviation > 0 ? max(-1, min(1, product / deviation)) : 0
  }

  private static func ranks(of numbers: [Double]) -> [Double] {
    let order = numbers.indices.sorted { (numbers[$0], $0) < (numbers[$1], $1) }
    var ranks = [Double](repeating: 0, count: numbers.count)
    var first = 0
    while first < order.count {
      var end = first + 1
      while end < order.count, numbers[order[end]] == numbers[order[first]] { end += 1 }
      for place in first..<end { ranks[order[place]] = Double(first + end - 1) / 2 }
      first = end
    }
    return ranks
  }
}
