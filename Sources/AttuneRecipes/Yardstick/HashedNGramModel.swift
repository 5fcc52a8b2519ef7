// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
internal import AttuneTraining

/// What a text classifier must beat: a linear model of weighted words and word pairs.
///
/// It learns one label of several by logistic regression, sets of labels by one for each label, and numbers by ridge regression.
/// Words and pairs are hashed into buckets and weighted by term frequency times inverse document frequency; every
/// text has length one. It fits tens of thousands of reviews in seconds and gives the same bits for any number of
/// threads.
public struct HashedNGramModel: Sendable {
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

  private let outputCount: Int
  private let weighting: TermWeighting
  private let parameters: [Double]
  /// Where the numbers lie that were learned.
  private let scale: NumberScale

  /// A model fitted to texts and the index of the label of each.
  public init(
    texts: [String], labels: [Int], labelCount: Int, settings: Settings = Settings()
  ) {
    precondition(
      labelCount > 1 && labels.allSatisfy((0..<labelCount).contains),
      "\(labels.count) labels of \(labelCount)")
    let weights = settings.classWeights.values(labels: labels, labelCount: labelCount)
    self.init(
      texts, .labels(labels, count: labelCount), rowWeights: labels.map { weights[$0] }, settings)
  }

  /// A model fitted to texts and whether each label holds for each.
  public init(
    texts: [String], labelSets: [[Bool]], labelCount: Int, settings: Settings = Settings()
  ) {
    precondition(
      labelSets.allSatisfy { $0.count == labelCount }, "sets over other than \(labelCount) labels")
    self.init(
      texts, .sets(labelSets, count: labelCount), rowWeights: labelSets.map { _ in 1 }, settings)
  }

  /// A model fitted to texts and the number of each.
  public init(texts: [String], numbers: [Double], settings: Settings = Settings()) {
    let scale = NumberScale(of: numbers)
    self.init(
      texts, .numbers(numbers.map(scale.standard)), rowWeights: numbers.map { _ in 1 }, settings,
      scale)
  }

  private init(
    _ texts: [String], _ targets: LinearTargets, rowWeights: [Double], _ settings: Settings,
    _ scale: NumberScale = NumberScale(of: [])
  ) {
    precondition(
      !texts.isEmpty && texts.count == rowWeights.count,
      "\(texts.count) texts, \(rowWeights.count) targets")
    (outputCount, self.scale) = (targets.outputCount, scale)
    let (weighting, vectors) = TermWeighting.fitted(to: texts, settings)
    self.weighting = weighting
    let loss = LinearLoss(
      rows: vectors, termCount: weighting.termCount, targets: targets, rowWeights: rowWeights,
      strength: settings.strength)
    var search = LimitedMemoryBFGS()
    search.maximumIterations = settings.maximumIterations
    search.tolerance = settings.tolerance
    parameters = search.minimum(
      from: [Double](repeating: 0, count: loss.parameterCount), loss.evaluate)
  }

  /// The logits of each text, one for each label; one number where numbers were learned.
  public func scores(of texts: [String]) -> [[Double]] {
    let vectors = weighting.vectors(of: texts)
    var scores = [Double](repeating: 0, count: outputCount)
    return texts.indices.map { row in
      scores.withUnsafeMutableBufferPointer { scores in
        LinearLoss.scores(of: row, in: vectors, parameters, into: scores)
        return scores.map { $0 * scale.deviation + scale.mean }
      }
    }
  }

  /// The probability of each label for each text that has one.
  public func probabilities(of texts: [String]) -> [[Double]] {
    scores(of: texts).map { row in
      guard row.count > 1 else {
        let second = 1 / (1 + exp(-row[0]))
        return [1 - second, second]
      }
      var row = row
      row.withUnsafeMutableBufferPointer { _ = LinearLoss.normalize($0) }
      return row
    }
  }

  /// The likeliest label of each text that has one.
  public func predictions(for texts: [String]) -> [Int] {
    probabilities(of: texts).map { row in
      row.indices.max { (row[$0], -$0) < (row[$1], -$1) } ?? 0
    }
  }
}

extension HashedNGramModel.ClassWeights {
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
