// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// The chrF score of translations by character n-grams (Popović 2015), and with words chrF++ (Popović 2017); equal to
/// sacreBLEU's at the same settings.
public struct ChrF: Sendable, Hashable {
  /// Longest n-gram of characters counted.
  public var characterOrder: Int
  /// Longest n-gram of words counted: 0 for chrF, 2 for chrF++.
  public var wordOrder: Int
  /// How many times as much recall counts as precision.
  public var beta: Int
  /// Whether case is ignored.
  public var ignoresCase: Bool
  /// Whether white space is among the characters.
  public var countsWhiteSpace: Bool
  /// Whether every order counts, those without any n-gram too, as in the first programs for this score.
  public var averagesAllOrders: Bool

  /// chrF2; the defaults are sacreBLEU's.
  public init(
    characterOrder: Int = 6, wordOrder: Int = 0, beta: Int = 2, ignoresCase: Bool = false,
    countsWhiteSpace: Bool = false, averagesAllOrders: Bool = false
  ) {
    precondition(
      characterOrder > 0 && wordOrder >= 0 && beta >= 0,
      "orders \(characterOrder) and \(wordOrder), beta \(beta)")
    self.characterOrder = characterOrder
    self.wordOrder = wordOrder
    self.beta = beta
    self.ignoresCase = ignoresCase
    self.countsWhiteSpace = countsWhiteSpace
    self.averagesAllOrders = averagesAllOrders
  }

  /// chrF2++, with words and pairs of words.
  public static let plusPlus = ChrF(wordOrder: 2)

  /// What one segment adds to the score of a corpus, for each order: of characters, then of words.
  public struct Statistics: Sendable, Hashable {
    var hypothesis: [Int]
    var reference: [Int]
    var matches: [Int]

    /// Adds another segment.
    public static func += (sum: inout Statistics, other: Statistics) {
      for order in sum.matches.indices {
        sum.hypothesis[order] += other.hypothesis[order]
        sum.reference[order] += other.reference[order]
        sum.matches[order] += other.matches[order]
      }
    }
  }

  /// Statistics of no segment.
  public var noSegments: Statistics {
    let zeros = [Int](repeating: 0, count: characterOrder + wordOrder)
    return Statistics(hypothesis: zeros, reference: zeros, matches: zeros)
  }

  /// Returns what a segment adds, against the reference with which it scores best.
  public func statistics(of hypothesis: String, references: [String]) -> Statistics {
    precondition(!references.isEmpty, "a segment without a reference")
    var characters = NGramTable<Unicode.Scalar>()
    var words = NGramTable<[Unicode.Scalar]>()
    let written = counts(of: hypothesis, &characters, &words)
    var best = (score: -1.0, statistics: noSegments)
    for reference in references {
      let expected = counts(of: reference, &characters, &words)
      let statistics = compare(written, expected)
      let value = score(of: statistics)
      if value > best.score { best = (value, statistics) }
    }
    return best.statistics
  }

  /// Returns the score of a corpus, in 0...100.
  ///
  /// - Parameter references: One or more for each hypothesis.
  public func score(of hypotheses: [String], references: [[String]]) -> Double {
    precondition(
      hypotheses.count == references.count,
      "\(references.count) references for \(hypotheses.count) hypotheses")
    var sum = noSegments
    for (hypothesis, references) in zip(hypotheses, references) {
      sum += statistics(of: hypothesis, references: references)
    }
    return score(of: sum)
  }

  /// Returns the score of summed statistics, in 0...100.
  public func score(of statistics: Statistics) -> Double {
    let factor = Double(beta * beta)
    func combined(_ precision: Double, _ recall: Double) -> Double {
      (1 + factor) * precision * recall / (factor * precision + recall)
    }
    let tiny = 1e-16
    var (sum, precisions, recalls, orders) = (0.0, 0.0, 0.0, 0.0)
    for order in statistics.matches.indices {
      let matches = Double(statistics.matches[order])
      let (written, expected) = (statistics.hypothesis[order], statistics.reference[order])
      let precision = written > 0 ? matches / Double(written) : tiny
      let recall = expected > 0 ? matches / Double(expected) : tiny
      sum += factor * precision + recall > 0 ? combined(precision, recall) : tiny
      if written > 0 && expected > 0 {
        precisions += precision
        recalls += recall
        orders += 1
      }
    }
    if averagesAllOrders { return 100 * sum / Double(characterOrder + wordOrder) }
    guard orders > 0, precisions + recalls > 0 else { return 0 }
    return 100 * combined(precisions / orders, recalls / orders)
  }

  /// As `chrF2++`.
  public var name: String { "chrF\(beta)" + String(repeating: "+", count: wordOrder) }

  /// The settings in sacreBLEU's form, so that scores can be compared.
  ///
  /// - Parameter referenceCount: References of each segment; nil: not the same for all.
  public func signature(referenceCount: Int?) -> String {
    [
      ScoringSignature.references(referenceCount), ScoringSignature.letterCase(ignoresCase),
      "eff:\(averagesAllOrders ? "no" : "yes")", "nc:\(characterOrder)", "nw:\(wordOrder)",
      "space:\(countsWhiteSpace ? "yes" : "no")", ScoringSignature.version,
    ].joined(separator: "|")
  }

  /// The score with its signature, as sacreBLEU prints it.
  public func line(_ score: Double, referenceCount: Int?, digits: Int = 2) -> String {
    "\(name)|\(signature(referenceCount: referenceCount)) = \(score.fixed(digits))"
  }
}

extension ChrF {
  private func counts(
    of segment: String, _ characters: inout NGramTable<Unicode.Scalar>,
    _ words: inout NGramTable<[Unicode.Scalar]>
  ) -> [[Int32: Int]] {
    let cased = ignoresCase ? segment.lowercasedForScoring() : segment
    let scalars = Array(cased.unicodeScalars)
    let counted = countsWhiteSpace ? scalars : scalars.filter { !$0.isPythonSpace }
    return characters.counts(of: counted, maximumOrder: characterOrder)
      + words.counts(of: wordOrder > 0 ? Self.words(of: scalars) : [], maximumOrder: wordOrder)
  }

  /// Words, one ASCII punctuation mark behind or else in front of each apart.
  private static func words(of scalars: [Unicode.Scalar]) -> [[Unicode.Scalar]] {
    scalars.splitAtSpace().flatMap { word -> [[Unicode.Scalar]] in
      guard word.count > 1, let first = word.first, let last = word.last else { return [word] }
      if last.isASCIIPunctuation { return [Array(word.dropLast()), [last]] }
      if first.isASCIIPunctuation { return [[first], Array(word.dropFirst())] }
      return [word]
    }
  }

  private func compare(_ written: [[Int32: Int]], _ expected: [[Int32: Int]]) -> Statistics {
    var result = noSegments
    for order in written.indices {
      // N-grams of an order that the reference has none of are not held against the hypothesis.
      let isCounted = !expected[order].isEmpty
      result.reference[order] = expected[order].values.reduce(0, +)
      for (ngram, count) in written[order] {
        if isCounted { result.hypothesis[order] += count }
        result.matches[order] += min(count, expected[order][ngram] ?? 0)
      }
    }
    return result
  }
}
