// SPDX-License-Identifier: Apache-2.0

/// A sequence that a model wrote.
public struct Hypothesis: Sendable, Equatable {
  /// What was written, without start and end; a forced prefix is part of it.
  public let tokens: [Int32]
  /// Log-probability of the tokens behind the prefix and, when it was reached, the end; NaN where the search was told that it is not
  /// needed, as is the score.
  public let logProbability: Double
  /// What hypotheses are ranked by.
  public let score: Double
  /// Whether the model ended the sequence; otherwise the limit cut it.
  public let isFinished: Bool
  /// How much each token, and the end when it was reached, attends to each position of the source, when that was asked for.
  /// Those of a forced prefix are missing.
  public let attention: [[Float]]?

  /// A hypothesis.
  public init(
    tokens: [Int32], logProbability: Double, score: Double, isFinished: Bool,
    attention: [[Float]]? = nil
  ) {
    self.tokens = tokens
    self.logProbability = logProbability
    self.score = score
    self.isFinished = isFinished
    self.attention = attention
  }
}

/// Where writing starts and stops.
public struct DecodingLimits: Sendable, Hashable {
  /// Given to the model before the first token.
  public let start: Int32
  /// Ends a sequence.
  public let end: Int32
  /// Tokens after which a sequence is cut, the end included.
  public let maximumLength: Int
  /// Tokens that are written before the end may be.
  public let minimumLength: Int

  /// Limits for a vocabulary with the given start and end tokens.
  public init(start: Int32, end: Int32, maximumLength: Int, minimumLength: Int = 0) {
    precondition(
      maximumLength > 0 && minimumLength >= 0,
      "a maximum length of \(maximumLength), a minimum of \(minimumLength)")
    self.start = start
    self.end = end
    self.maximumLength = maximumLength
    self.minimumLength = minimumLength
  }
}
