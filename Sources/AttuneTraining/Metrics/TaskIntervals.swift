// SPDX-License-Identifier: Apache-2.0

internal import AttuneTensors

extension BootstrapInterval {
  /// The 95 % interval of the mean of values over resampled examples.
  public init(ofMean values: [Double], resamples: Int = 1_000, seed: UInt64 = 0) {
    let divisor = Double(max(values.count, 1))
    self.init(resamples: resamples, count: values.count, seed: seed) { drawn in
      drawn.reduce(0) { $0 + values[$1] } / divisor
    }
  }

  /// The interval of the root of a score.
  public var squareRoot: BootstrapInterval {
    BootstrapInterval(lower: lower.squareRoot(), upper: upper.squareRoot())
  }

  /// The 95 % interval of a score, of resamples drawn side by side.
  private init(
    resamples: Int, count: Int, seed: UInt64, score: ([Int]) -> Double
  ) {
    self.init(
      of: Parallel.map(max(resamples, 1), chunk: 8) { resample in
        score(Self.draw(count, seed: seed, resample: resample))
      }, level: 0.95)
  }

  /// Indices below `count`, so many of them, with replacement.
  static func draw(_ count: Int, seed: UInt64, resample: Int) -> [Int] {
    let stream = RandomKey(seed: seed).place(UInt64(resample))
    return (0..<count).map { index in
      Int((UInt64(stream.word(at: UInt64(index))) * UInt64(count)) >> 32)
    }
  }
}

extension MultiLabelMetrics {
  /// The 95 % intervals of scores over resampled examples.
  public struct Intervals: Sendable, Equatable {
    /// That of the share of exactly predicted sets.
    public let exactMatch: BootstrapInterval
    /// That of the F1 of all labels together.
    public let microF1: BootstrapInterval
    /// That of the mean F1.
    public let macroF1: BootstrapInterval
  }

  /// The 95 % intervals over resampled examples.
  public func intervals(
    truths: [[Bool]], predictions: [[Bool]], resamples: Int = 1_000, seed: UInt64 = 0
  ) -> Intervals {
    let labelCount = perLabel.count
    func places(_ sets: [[Bool]]) -> [[Int]] { sets.map { set in set.indices.filter { set[$0] } } }
    // Few labels hold of many, so their places are counted rather than all cells.
    let (held, predicted) = (places(truths), places(predictions))
    let common = zip(held, predicted).map { truth, prediction in
      truth.filter(Set(prediction).contains)
    }
    let scores = Parallel.map(max(resamples, 1), chunk: 8) { resample in
      var right = [Int](repeating: 0, count: labelCount)
      var (support, given, exact) = (right, right, 0)
      for row in BootstrapInterval.draw(truths.count, seed: seed, resample: resample) {
        for label in held[row] { support[label] += 1 }
        for label in predicted[row] { given[label] += 1 }
        for label in common[row] { right[label] += 1 }
        if held[row] == predicted[row] { exact += 1 }
      }
      return MultiLabelMetrics(
        right: right, support: support, predicted: given, exact: exact, agreeing: 0,
        count: truths.count)
    }
    func interval(_ score: KeyPath<MultiLabelMetrics, Double>) -> BootstrapInterval {
      BootstrapInterval(of: scores.map { $0[keyPath: score] }, level: 0.95)
    }
    return Intervals(
      exactMatch: interval(\.exactMatch), microF1: interval(\.microF1),
      macroF1: interval(\.macroF1))
  }
}
