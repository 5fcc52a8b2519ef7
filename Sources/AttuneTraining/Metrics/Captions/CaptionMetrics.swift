// SPDX-License-Identifier: Apache-2.0

internal import AttuneTensors

/// How well captions agree with what people wrote, in the units of pycocoevalcap.
public struct CaptionScores: Sendable, Hashable {
  /// BLEU of n-grams of up to 1, 2, 3 and 4 words, in 0...1 (Papineni et al. 2002).
  public let bleu: [Double]
  /// ROUGE-L, the longest common subsequence, in 0...1 (Lin 2004).
  public let rougeL: Double
  /// CIDEr-D, n-grams weighed by how few images have them, in 0...10 (Vedantam et al. 2015).
  public let cider: Double

  /// Makes scores.
  public init(bleu: [Double], rougeL: Double, cider: Double) {
    (self.bleu, self.rougeL, self.cider) = (bleu, rougeL, cider)
  }
}

/// The scores of many captions, together and one by one.
public struct CaptionEvaluation: Sendable, Hashable {
  /// BLEU of the whole set, and the means of the others.
  public let scores: CaptionScores
  /// The scores of each caption.
  public let captions: [CaptionScores]
}

/// BLEU-1 to 4, ROUGE-L and CIDEr-D of captions with one or more references each, equal to those of pycocoevalcap 1.2 when
/// both get the same words.
///
/// ```swift
/// let evaluation = CaptionMetrics().evaluate(
///   ["a dog runs"], references: [["A dog is running.", "The dog runs."]])
/// ```
/// CIDEr takes its weights from the references given: it is 0 for a single caption, and compares only on the same set.
public struct CaptionMetrics: Sendable, Hashable {
  /// How captions and references are cut into words.
  public var tokenization: CaptionTokenization

  /// Longest n-gram counted.
  static let maximumOrder = 4

  /// Scores with a tokenization.
  public init(tokenization: CaptionTokenization = .pennTreebank) {
    self.tokenization = tokenization
  }

  /// Returns the scores of captions.
  ///
  /// - Parameter references: One or more for each caption.
  public func evaluate(_ captions: [String], references: [[String]]) -> CaptionEvaluation {
    precondition(
      captions.count == references.count && !captions.isEmpty,
      "\(references.count) references for \(captions.count) captions")
    precondition(references.allSatisfy { !$0.isEmpty }, "a caption without a reference")
    let cut = Parallel.map(captions.count, chunk: 32) { index in
      (tokenization.words(of: captions[index]), references[index].map(tokenization.words))
    }
    var vocabulary = CaptionVocabulary()
    let segments = cut.map { caption, references in
      CaptionSegment(
        written: vocabulary.counts(of: caption),
        references: references.map { vocabulary.counts(of: $0) })
    }
    let weights = ConsensusWeights(segments, gramCount: vocabulary.gramCount)
    let parts = Parallel.map(segments.count, chunk: 32) { index in
      let segment = segments[index]
      let statistics = segment.bleuStatistics
      return (
        statistics,
        CaptionScores(
          bleu: statistics.scores, rougeL: segment.rougeL, cider: segment.cider(with: weights))
      )
    }
    var sum = CaptionBLEU()
    for (statistics, _) in parts { sum += statistics }
    let (all, count) = (parts.map(\.1), Double(parts.count))
    return CaptionEvaluation(
      scores: CaptionScores(
        bleu: sum.scores, rougeL: all.reduce(0) { $0 + $1.rougeL } / count,
        cider: all.reduce(0) { $0 + $1.cider } / count),
      captions: all)
  }
}

/// A caption and its references, counted.
struct CaptionSegment: Sendable {
  let written: CountedCaption
  let references: [CountedCaption]
}
