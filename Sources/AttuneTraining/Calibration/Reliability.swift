// SPDX-License-Identifier: Apache-2.0

/// How far probabilities agree with how often they come true: a reliability diagram in numbers.
///
/// Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, section 2.
public struct Reliability: Sendable, Equatable {
  /// The answers whose probability lies above `lower` and not above `upper`.
  public struct Bin: Sendable, Equatable {
    /// Probabilities of the bin are above it.
    public let lower: Double
    /// The largest probability of the bin.
    public let upper: Double
    /// Answers in the bin.
    public let count: Int
    /// Share of them that are right; 0 for none.
    public let accuracy: Double
    /// Their mean probability; 0 for none.
    public let confidence: Double
  }

  /// Bins of equal width, from 0 to 1.
  public let bins: [Bin]

  /// The reliability of answers of the given probabilities.
  public init(confidences: [Double], isRight: [Bool], binCount: Int = 15) {
    precondition(confidences.count == isRight.count && binCount > 0, "answers without a truth")
    var (counts, right) = (
      [Int](repeating: 0, count: binCount), [Int](repeating: 0, count: binCount)
    )
    var sums = [Double](repeating: 0, count: binCount)
    for (confidence, isRight) in zip(confidences, isRight) {
      let place = (confidence * Double(binCount)).rounded(.up) - 1
      let bin = Int(min(max(place, 0), Double(binCount - 1)))
      counts[bin] += 1
      sums[bin] += confidence
      if isRight { right[bin] += 1 }
    }
    bins = (0..<binCount).map { bin in
      let count = Double(max(counts[bin], 1))
      return Bin(
        lower: Double(bin) / Double(binCount), upper: Double(bin + 1) / Double(binCount),
        count: counts[bin], accuracy: Double(right[bin]) / count, confidence: sums[bin] / count)
    }
  }

  /// Answers altogether.
  public var count: Int { bins.reduce(0) { $0 + $1.count } }

  /// Mean distance of probability and accuracy, by the answers of each bin (equation 3); 0 without answers.
  public var expectedCalibrationError: Double {
    let total = Double(max(count, 1))
    return bins.reduce(0) {
      $0 + Double($1.count) / total * abs($1.accuracy - $1.confidence)
    }
  }

  /// The largest distance in any bin (equation 5); 0 without answers.
  public var maximumCalibrationError: Double {
    bins.lazy.filter { $0.count > 0 }.map { abs($0.accuracy - $0.confidence) }.max() ?? 0
  }
}
