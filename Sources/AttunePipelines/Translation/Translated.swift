// SPDX-License-Identifier: Apache-2.0

internal import AttuneDecoding
public import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttuneTokenizers

extension Translation {
  /// A text and what it was translated to.
  public struct Translated: Sendable, Equatable {
    /// What was translated.
    public let source: String
    /// The translations, best first; never empty.
    public let hypotheses: [Candidate]
    /// Tokens of the source that were not read.
    public let truncatedCount: Int

    /// The best translation.
    public var text: String { hypotheses[0].text }
    /// The score of the best translation.
    public var score: Double { hypotheses[0].score }
  }

  /// One translation of a text.
  public struct Candidate: Sendable, Equatable {
    /// The translation.
    public let text: String
    /// What translations are ranked by.
    public let score: Double
    /// Log-probability of its tokens and of its end.
    public let logProbability: Double
    /// Tokens that were written, the end left out.
    public let tokenCount: Int
    /// Whether the model ended it; otherwise the maximum length cut it.
    public let isFinished: Bool
    /// What its tokens attend to, when that was asked for.
    public let alignment: Alignment?

    static let empty = Candidate(
      text: "", score: 0, logProbability: 0, tokenCount: 0, isFinished: true, alignment: nil)
  }

  /// How much each token of a translation attends to each token of its source, in the last layer, in the mean over heads.
  public struct Alignment: Sendable, Equatable {
    /// Tokens of the source, the end last.
    public let sourceTokens: [String]
    /// Tokens of the translation, and the end when it was reached.
    public let targetTokens: [String]
    /// One row a token of the translation, whose numbers add up to 1.
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

  /// What was written, as people read it.
  func hypothesis(
    _ found: Hypothesis, _ source: String, _ encoding: Encoding, _ options: Options
  ) -> Candidate {
    let forced = found.tokens.count + (found.isFinished ? 1 : 0) - (found.attention?.count ?? 0)
    var text = tokenizers.target.decode(found.tokens)
    if options.replacesUnknown, let attention = found.attention,
      found.tokens.contains(tokenizers.target.unknownID)
    {
      text = replacing(found.tokens, attention, forced, source, encoding)
    }
    return Candidate(
      text: text, score: found.score, logProbability: found.logProbability,
      tokenCount: found.tokens.count, isFinished: found.isFinished,
      alignment: options.returnsAlignment
        ? alignment(found, forced, encoding) : nil)
  }

  private func alignment(_ found: Hypothesis, _ forced: Int, _ encoding: Encoding) -> Alignment? {
    found.attention.map { weights in
      Alignment(
        sourceTokens: encoding.ids.map { tokenizers.source.token(of: $0) ?? "" },
        targetTokens: (found.tokens + (found.isFinished ? [configuration.tokens.end] : []))
          .dropFirst(forced).map { tokenizers.target.token(of: $0) ?? "" },
        weights: weights)
    }
  }

  /// The text with each unknown token replaced by the source token that it attends to most.
  private func replacing(
    _ tokens: [Int32], _ attention: [[Float]], _ forced: Int, _ source: String,
    _ encoding: Encoding
  ) -> String {
    let pieces = tokens.enumerated().map { place, token -> String in
      guard token == tokenizers.target.unknownID, place >= forced else {
        return token == tokenizers.target.unknownID ? "" : tokenizers.target.token(of: token) ?? ""
      }
      // The end of the source is no word.
      let weights = attention[place - forced].dropLast()
      guard let best = weights.indices.max(by: { (weights[$0], $1) < (weights[$1], $0) }) else {
        return ""
      }
      let piece = encoding.ids[best]
      guard piece == tokenizers.source.unknownID else {
        return tokenizers.source.token(of: piece) ?? ""
      }
      let range = encoding.offsets[best]
      return String(
        decoding: source.utf8.dropFirst(range.lowerBound).prefix(range.count), as: UTF8.self)
    }
    let joined = pieces.joined().unicodeScalars.split(
      omittingEmptySubsequences: true, whereSeparator: { $0 == "\u{2581}" || $0 == " " })
    return joined.map { String($0) }.joined(separator: " ")
  }
}
