// SPDX-License-Identifier: Apache-2.0

/// A sequence that a model wrote.
public struct Hypothesis: Sendable, Equatable {
  /// What was written, without start and end.
  public let tokens: [Int32]
  /// Log-probability of the tokens and, when it was reached, the end.
  public let logProbability: Double
  /// What hypotheses are ranked by.
  public let score: Double
  /// Whether the model ended the sequence; otherwise the limit cut it.
  public let isFinished: Bool
}

/// Where writing starts and stops.
public struct DecodingLimits: Sendable, Hashable {
  /// Given to the model before the first token.
  public let start: Int32
  /// Ends a sequence.
  public let end: Int32
  /// Tokens after which a sequence is cut, the end included.
  public let maximumLength: Int

  /// Limits for a vocabulary with the given start and end tokens.
  public init(start: Int32, end: Int32, maximumLength: Int) {
    precondition(maximumLength > 0, "a maximum length of \(maximumLength)")
    self.start = start
    self.end = end
    self.maximumLength = maximumLength
  }
}
