// SPDX-License-Identifier: Apache-2.0

public import AttuneDecoding

/// How a text is looked for by anything that writes; what is nil is as the model's folder says. Names and defaults are those of
/// CTranslate2.
public struct WritingOptions: Sendable, Hashable {
  /// Beginnings that are kept; 1: greedy search.
  public var beamSize: Int?
  /// Texts for each source, best first.
  public var hypothesisCount = 1
  /// How texts of different lengths are compared; nil: log-probability / length^p with the folder's p.
  public var length: HypothesisRanking.Length?
  /// How much it costs to leave parts of the source aside (Wu et al. 2016, equation 14).
  public var coveragePenalty = 0.0
  /// When a beam search ends.
  public var stopping = StoppingRule.finished(patience: 1)
  /// Log-probabilities of tokens that were written already are multiplied by this.
  public var repetitionPenalty = 1.0
  /// No run of so many tokens is written twice; 0: no rule.
  public var noRepeatNGramSize = 0
  /// Most tokens of a text, the end included; nil: 256, or what the folder says where it is less.
  public var maximumLength: Int?
  /// Tokens before the end may be written.
  public var minimumLength = 1
  /// Texts that are never written.
  public var suppressed: [String] = []
  /// Whether the unknown token is never written.
  public var disablesUnknown = false
  /// What every text begins with.
  public var targetPrefix = ""
  /// How strongly the prefix is preferred, in 0..<1; 0: it is forced.
  public var prefixBias = 0.0
  /// From what tokens are drawn; nil: the best are taken.
  public var sampling: TokenSampling?
  /// Of all draws.
  public var seed: UInt64 = 0
  /// Whether texts tell what they attend to.
  public var returnsAlignment = false
  /// Whether texts tell their scores and log-probabilities; where nobody asks, they are NaN in greedy search, which finds the same
  /// texts sooner without them.
  public var returnsScores = true
  /// Sources that are worked on together, fewer where a wide beam keeps many beginnings of each: a matter of speed and memory
  /// alone.
  public var batchSize = 64

  /// Everything as the model's folder says.
  public init() {}

  /// Beginnings of all sources of a batch: each has the scores of a whole vocabulary, and keys and values of its own.
  private static let mostRows = 1 << 11

  /// Sources that are worked on together by a search of the given width.
  func sourcesAtOnce(width: Int) -> Int {
    max(1, min(batchSize, Self.mostRows / max(width, 1)))
  }
}
