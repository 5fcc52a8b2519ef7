// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// The range of a score over resampled examples (Efron 1979; percentile method).
public struct BootstrapInterval: Sendable, Hashable {
  /// Where the interval begins.
  public let lower: Double
  /// Where it ends.
  public let upper: Double

  /// The interval of `score` over examples drawn with replacement.
  ///
  /// - Parameters:
  ///   - count: Number of examples.
  ///   - level: Share of resamples inside.
  ///   - score: The score of the examples of the given indices.
  public init(
    count: Int, level: Double = 0.95, resamples: Int = 1_000, key: RandomKey,
    score: ([Int]) -> Double
  ) {
    var scores: [Double] = []
    var drawn = [Int](repeating: 0, count: count)
    for resample in 0..<max(resamples, 1) {
      let stream = key.place(UInt64(resample))
      for index in drawn.indices {
        drawn[index] = Int((UInt64(stream.word(at: UInt64(index))) * UInt64(count)) >> 32)
      }
      scores.append(score(drawn))
    }
    self.init(of: scores, level: level)
  }

  /// The interval that holds the share `level` of scores.
  init(of scores: [Double], level: Double) {
    let sorted = scores.sorted()
    self.init(
      lower: Self.quantile((1 - level) / 2, of: sorted),
      upper: Self.quantile((1 + level) / 2, of: sorted))
  }

  init(lower: Double, upper: Double) { (self.lower, self.upper) = (lower, upper) }

  /// Between the two nearest ranks, linearly.
  private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = min(Int(place), sorted.count - 1)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
  }
}

extension ClassificationMetrics {
  /// The 95 % intervals of accuracy and macro-F1 over resampled examples.
  public static func intervals(
    labels: [Int], predictions: [Int], labelCount: Int, resamples: Int = 1_000, seed: UInt64 = 0
  ) -> (accuracy: BootstrapInterval, macroF1: BootstrapInterval) {
    let cells = zip(labels, predictions).map { $0 * labelCount + $1 }
    let key = RandomKey(seed: seed)
    // Both scores follow from the confusion matrix, so one draw of cells serves both.
    let scores = Parallel.map(max(resamples, 1), chunk: 8) { resample in
      let drawn = ClassificationMetrics(
        ConfusionMatrix(drawnFrom: cells, labelCount: labelCount, key: key.place(UInt64(resample))))
      return (accuracy: drawn.accuracy, macroF1: drawn.macroF1)
    }
    return (
      BootstrapInterval(of: scores.map(\.accuracy), level: 0.95),
      BootstrapInterval(of: scores.map(\.macroF1), level: 0.95)
    )
  }
}
