// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// A text that a model wrote.
public struct WrittenText: Sendable, Equatable {
  /// The text.
  public let text: String
  /// What texts of one source are ranked by; NaN where `WritingOptions.returnsScores` is false.
  public let score: Double
  /// Log-probability of its tokens and of its end; NaN likewise.
  public let logProbability: Double
  /// Tokens that were written, the end left out.
  public let tokenCount: Int
  /// Whether the model ended it; otherwise the maximum length cut it.
  public let isFinished: Bool
  /// What its tokens attend to, when that was asked for.
  public let alignment: TokenAlignment?

  static let empty = WrittenText(
    text: "", score: 0, logProbability: 0, tokenCount: 0, isFinished: true, alignment: nil)
}

/// How much each token of a text attends to each position of its source, in the last layer, in the mean over heads.
public struct TokenAlignment: Sendable, Equatable {
  /// Tokens of the source, the end last; of vectors, the numbers of the positions that they became.
  public let sourceTokens: [String]
  /// Tokens of the text, and the end when it was reached.
  public let targetTokens: [String]
  /// One row a token of the text, whose numbers add up to 1.
  public let weights: [[Float]]

  /// An alignment of the given tokens.
  public init(sourceTokens: [String], targetTokens: [String], weights: [[Float]]) {
    self.sourceTokens = sourceTokens
    self.targetTokens = targetTokens
    self.weights = weights
  }

  /// The members `source_tokens`, `target_tokens` and `weights`.
  public var json: JSONValue {
    [
      "source_tokens": .array(sourceTokens.map { .string($0) }),
      "target_tokens": .array(targetTokens.map { .string($0) }),
      "weights": .array(weights.map { .array($0.map { .number(rounded($0)) }) }),
    ]
  }

  private func rounded(_ weight: Float) -> Double { (Double(weight) * 1e6).rounded() / 1e6 }
}
