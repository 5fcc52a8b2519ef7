// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// What a text classifier must beat: logistic regression on weighted words and word pairs.
///
/// Words and pairs are hashed into buckets and weighted by term frequency times inverse document frequency; every
/// text has length one. It fits tens of thousands of reviews in seconds and gives the same bits for any number of
/// threads.
public struct HashedNGramClassifier: Sendable {
  /// How labels weigh.
  public enum ClassWeights: Sendable, Hashable {
    /// Every label weighs 1.
    case equal
    /// Inversely to how often the label occurs.
    case balanced
    /// By label.
    case given([Double])
  }

  /// What does not follow from the texts.
  public struct Settings: Sendable, Hashable {
    /// There are 2 to this power buckets.
    public var bucketBits = 20
    /// Words in the longest term.
    public var longestGram = 2
    /// Texts that a term must stand in.
    public var minimumTexts = 2
    /// Whether a term counts 1 + log(occurrences).
    public var isSublinear = true
    /// Weight of the loss against half the squared norm of the parameters.
    public var strength = 10.0
    /// Steps of the search at most.
    public var maximumIterations = 200
    /// The fit ends when no component of the mean loss's gradient is larger.
    public var tolerance = 1e-4
    /// How labels weigh.
    public var classWeights = ClassWeights.equal

    /// The settings that do well on reviews.
    public init() {}
  }

  /// Number of labels.
  public let labelCount: Int
  private let weighting: TermWeighting
  private let parameters: [Double]

  /// A classifier fitted to texts and the index of the label of each.
  public init(
    texts: [String], labels: [Int], labelCount: Int, settings: Settings = Settings()
  ) {
    precondition(
      !texts.isEmpty && texts.count == labels.count && labelCount > 1
        && labels.allSatisfy((0..<labelCount).contains),
      "\(texts.count) texts, \(labels.count) labels of \(labelCount)")
    self.labelCount = labelCount
    let (weighting, vectors) = TermWeighting.fitted(to: texts, settings)
    self.weighting = weighting
    let loss = LogisticLoss(
      rows: vectors, termCount: weighting.termCount, labels: labels, labelCount: labelCount,
      classWeights: settings.classWeights.values(labels: labels, labelCount: labelCount),
      strength: settings.strength)
    var search = LimitedMemoryBFGS()
    search.maximumIterations = settings.maximumIterations
    search.tolerance = settings.tolerance
    parameters = search.minimum(
      from: [Double](repeating: 0, count: loss.parameterCount), loss.evaluate)
  }

  /// The probability of each label for each text.
  public func probabilities(of texts: [String]) -> [[Double]] {
    let vectors = weighting.vectors(of: texts)
    var scores = [Double](repeating: 0, count: labelCount == 2 ? 1 : labelCount)
    return texts.indices.map { row in
      scores.withUnsafeMutableBufferPointer { scores in
        LogisticLoss.scores(of: row, in: vectors, parameters, into: scores)
        guard scores.count > 1 else {
          let second = 1 / (1 + exp(-scores[0]))
          return [1 - second, second]
        }
        LogisticLoss.normalize(scores)
        return Array(scores)
      }
    }
  }

  /// The likeliest label of each text.
  public func predictions(for texts: [String]) -> [Int] {
    probabilities(of: texts).map { row in
      row.indices.max { (row[$0], -$0) < (row[$1], -$1) } ?? 0
    }
  }
}

extension HashedNGramClassifier.ClassWeights {
  fileprivate func values(labels: [Int], labelCount: Int) -> [Double] {
    switch self {
    case .equal: return [Double](repeating: 1, count: labelCount)
    case .given(let weights): return weights
    case .balanced:
      var counts = [Int](repeating: 0, count: labelCount)
      for label in labels { counts[label] += 1 }
      return counts.map { Double(labels.count) / Double(labelCount * max($0, 1)) }
    }
  }
}
