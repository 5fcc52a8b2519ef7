// SPDX-License-Identifier: Apache-2.0

/// How near predicted labels come to the true ones when the labels stand in an order, in steps of that order.
public struct OrdinalMetrics: Sendable, Equatable {
  /// Mean distance.
  public let meanAbsoluteError: Double
  /// Share of the predictions at most one step away.
  public let shareWithinOne: Double
  /// Cohen's kappa with squared distances as weights (Cohen 1968): 1 for perfect agreement, 0 for that of chance; 0 when truth and
  /// prediction are one and the same label everywhere.
  public let quadraticKappa: Double

  /// The metrics of a confusion matrix whose labels stand in their order.
  public init(_ confusion: ConfusionMatrix) {
    let labels = 0..<confusion.labelCount
    let total = Double(max(confusion.total, 1))
    let support = labels.map { Double(confusion.support(of: $0)) }
    let predicted = labels.map { Double(confusion.predictedCount(of: $0)) }
    var (distance, near, found, chance) = (0.0, 0, 0.0, 0.0)
    for truth in labels {
      for prediction in labels {
        let count = confusion[truth, predicted: prediction]
        let steps = Double(abs(truth - prediction))
        distance += steps * Double(count)
        if steps <= 1 { near += count }
        found += steps * steps * Double(count)
        chance += steps * steps * support[truth] * predicted[prediction] / total
      }
    }
    meanAbsoluteError = distance / total
    shareWithinOne = Double(near) / total
    quadraticKappa = chance > 0 ? 1 - found / chance : 0
  }
}
