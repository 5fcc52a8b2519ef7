// SPDX-License-Identifier: Apache-2.0

internal import AttuneDecoding
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
  public typealias Candidate = WrittenText

  /// How much each token of a translation attends to each token of its source.
  public typealias Alignment = TokenAlignment

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
        targetTokens: Array(
          vocabulary.tokens(of: found.tokens, isFinished: found.isFinished).dropFirst(forced)),
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
