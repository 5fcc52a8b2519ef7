// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem

/// The BLEU score of translations (Papineni et al. 2002), equal to sacreBLEU's at the same settings (Post 2018).
public struct BLEU: Sendable, Hashable {
  /// What stands in for the precision of an order without a match (Chen and Cherry 2014).
  public enum Smoothing: Sendable, Hashable {
    /// Zero, and the score with it.
    case none
    /// The given number of matches (method 1).
    case floor(Double)
    /// The given number is added to the matches and the n-grams of every order but the first (method 2).
    case addK(Double)
    /// Half a match, then a quarter, and so on (method 3).
    case exponential
  }

  /// How segments are cut into words.
  public var tokenization: ScoringTokenization
  /// Whether case is ignored.
  public var ignoresCase: Bool
  public var smoothing: Smoothing
  /// Longest n-gram counted.
  public var maximumOrder: Int
  /// Whether orders are left out for which a hypothesis is too short; meant for single sentences.
  public var usesEffectiveOrder: Bool

  /// The score of a corpus; the defaults are sacreBLEU's.
  public init(
    tokenization: ScoringTokenization = .mteval13a, ignoresCase: Bool = false,
    smoothing: Smoothing = .exponential, maximumOrder: Int = 4, usesEffectiveOrder: Bool = false
  ) {
    precondition(maximumOrder > 0, "n-grams of at most \(maximumOrder) words")
    self.tokenization = tokenization
    self.ignoresCase = ignoresCase
    self.smoothing = smoothing
    self.maximumOrder = maximumOrder
    self.usesEffectiveOrder = usesEffectiveOrder
  }

  /// What one segment adds to the score of a corpus.
  public struct Statistics: Sendable, Hashable {
    /// Words of the hypothesis.
    public var hypothesisLength: Int
    /// Words of the reference of the nearest length.
    public var referenceLength: Int
    /// Matched n-grams of each order.
    public var matches: [Int]
    /// N-grams of each order.
    public var totals: [Int]

    /// Adds another segment.
    public static func += (sum: inout Statistics, other: Statistics) {
      sum.hypothesisLength += other.hypothesisLength
      sum.referenceLength += other.referenceLength
      for order in sum.matches.indices {
        sum.matches[order] += other.matches[order]
        sum.totals[order] += other.totals[order]
      }
    }
  }

  /// Statistics of no segment.
  public var noSegments: Statistics {
    let zeros = [Int](repeating: 0, count: maximumOrder)
    return Statistics(hypothesisLength: 0, referenceLength: 0, matches: zeros, totals: zeros)
  }

  /// Returns what a segment with one or more references adds.
  public func statistics(of hypothesis: String, references: [String]) -> Statistics {
    precondition(!references.isEmpty, "a segment without a reference")
    var table = NGramTable<[Unicode.Scalar]>()
    let written = words(of: hypothesis)
    let counts = table.counts(of: written, maximumOrder: maximumOrder)
    var allowed = [[Int32: Int]](repeating: [:], count: maximumOrder)
    var lengths: [Int] = []
    for reference in references {
      let expected = words(of: reference)
      lengths.append(expected.count)
      let found = table.counts(of: expected, maximumOrder: maximumOrder)
      for order in found.indices { allowed[order].merge(found[order], uniquingKeysWith: max) }
    }
    var result = noSegments
    result.hypothesisLength = written.count
    result.referenceLength = lengths.nearest(to: written.count)
    for order in counts.indices {
      for (ngram, count) in counts[order] {
        result.totals[order] += count
        result.matches[order] += min(count, allowed[order][ngram] ?? 0)
      }
    }
    return result
  }

  /// Returns the score of a corpus.
  ///
  /// - Parameter references: One or more for each hypothesis.
  public func score(of hypotheses: [String], references: [[String]]) -> BLEUScore {
    precondition(
      hypotheses.count == references.count,
      "\(references.count) references for \(hypotheses.count) hypotheses")
    var sum = noSegments
    for (hypothesis, references) in zip(hypotheses, references) {
      sum += statistics(of: hypothesis, references: references)
    }
    return score(of: sum)
  }

  /// Returns the score of summed statistics.
  public func score(of statistics: Statistics) -> BLEUScore {
    let (written, expected) = (statistics.hypothesisLength, statistics.referenceLength)
    var brevity = 1.0
    if written < expected {
      brevity = written > 0 ? exp(1 - Double(expected) / Double(written)) : 0
    }
    let (precisions, order) = precisions(of: statistics)
    let logarithms = precisions[..<order].reduce(0) { $0 + ($1 == 0 ? -9_999_999_999 : log($1)) }
    let hasMatches = statistics.matches.contains { $0 > 0 }
    return BLEUScore(
      value: hasMatches ? brevity * exp(logarithms / Double(order)) : 0, precisions: precisions,
      brevityPenalty: brevity, hypothesisLength: written, referenceLength: expected)
  }

  /// The precision of each order in percent, and how many of them count.
  private func precisions(of statistics: Statistics) -> (values: [Double], order: Int) {
    var values = [Double](repeating: 0, count: maximumOrder)
    var effectiveOrder = maximumOrder
    guard statistics.matches.contains(where: { $0 > 0 }) else { return (values, effectiveOrder) }
    var share = 1.0
    for order in 0..<maximumOrder {
      var matches = Double(statistics.matches[order])
      var total = Double(statistics.totals[order])
      if case .addK(let added) = smoothing, order > 0 {
        matches += added
        total += added
      }
      if total == 0 { break }
      if usesEffectiveOrder { effectiveOrder = order + 1 }
      if matches == 0 {
        switch smoothing {
        case .exponential:
          share *= 2
          values[order] = 100 / (share * total)
        case .floor(let floor): values[order] = 100 * floor / total
        case .none, .addK: break
        }
      } else {
        values[order] = 100 * matches / total
      }
    }
    return (values, effectiveOrder)
  }

  private func words(of segment: String) -> [[Unicode.Scalar]] {
    tokenization.scalarWords(of: ignoresCase ? segment.lowercasedForScoring() : segment)
  }
}

extension [Int] {
  /// The number nearest to `length`; of two as near, the smaller.
  fileprivate func nearest(to length: Int) -> Int {
    self.min { (abs($0 - length), $0) < (abs($1 - length), $1) } ?? 0
  }
}
