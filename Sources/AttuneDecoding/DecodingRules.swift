// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
internal import AttuneTensors

/// What may not be written, or less gladly. Rules change log-probabilities, alike in every search, so a beam of width 1 is greedy
/// search under any of them; what they forbid is not shared out among the other tokens.
public struct DecodingRules: Sendable, Hashable {
  /// Log-probabilities of tokens that were written already are multiplied by this (Keskar et al. 2019, section 4.1); 1: no penalty.
  public var repetitionPenalty: Double
  /// No run of so many tokens is written twice; 0: no rule.
  public var noRepeatNGramSize: Int
  /// Sequences that are never written; those of one token are that token.
  public var suppressed: [[Int32]]
  /// With a prefix: how strongly it is preferred, in 0..<1, for as long as it is followed; 0: it is forced.
  public var prefixBias: Double

  /// Rules; the defaults forbid nothing.
  public init(
    repetitionPenalty: Double = 1, noRepeatNGramSize: Int = 0, suppressed: [[Int32]] = [],
    prefixBias: Double = 0
  ) {
    precondition(
      repetitionPenalty > 0 && noRepeatNGramSize >= 0 && (0..<1).contains(prefixBias),
      "repetition penalty \(repetitionPenalty), n-grams of \(noRepeatNGramSize), bias \(prefixBias)"
    )
    self.repetitionPenalty = repetitionPenalty
    self.noRepeatNGramSize = noRepeatNGramSize
    self.suppressed = suppressed.filter { !$0.isEmpty }
    self.prefixBias = prefixBias
  }

  /// Applies the rules to what follows `written`, one row of the scores.
  func apply(
    to scores: inout NextTokenScores, row: Int, after written: [Int32], limits: DecodingLimits,
    prefix: [Int32]
  ) {
    if prefixBias > 0, written.count < prefix.count, prefix.starts(with: written) {
      prefer(prefix[written.count], in: &scores, row: row)
    }
    if repetitionPenalty != 1 {
      for token in Set(written) { scores[row, token] *= repetitionPenalty }
    }
    if noRepeatNGramSize > 0 {
      for token in Self.continuations(of: written, size: noRepeatNGramSize) {
        scores[row, token] = -.infinity
      }
    }
    for sequence in suppressed {
      guard let last = sequence.last, written.count >= sequence.count - 1,
        written.suffix(sequence.count - 1).elementsEqual(sequence.dropLast())
      else { continue }
      scores[row, last] = -.infinity
    }
    if written.count < limits.minimumLength { scores[row, limits.end] = -.infinity }
  }

  /// p becomes (1 - bias) p, and bias more for the token of the prefix.
  private func prefer(_ token: Int32, in scores: inout NextTokenScores, row: Int) {
    let preferred = (1 - prefixBias) * exp(scores[row, token]) + prefixBias
    scores.shift(row, by: log(1 - prefixBias))
    scores[row, token] = log(preferred)
  }

  /// The tokens that stood behind the last `size - 1` tokens before.
  private static func continuations(of written: [Int32], size: Int) -> [Int32] {
    guard written.count >= size else { return [] }
    let last = written.suffix(size - 1)
    return (0...written.count - size).compactMap { start in
      written[start..<start + size - 1].elementsEqual(last) ? written[start + size - 1] : nil
    }
  }

  /// The tokens that are never written, where that is all that the rules ask for; nil where they ask for more.
  var suppressedAlone: [Int32]? {
    let tokens = suppressed.compactMap { $0.count == 1 ? $0[0] : nil }
    var rest = self
    rest.suppressed = []
    return rest.isIdle && tokens.count == suppressed.count ? tokens : nil
  }

  var isIdle: Bool {
    repetitionPenalty == 1 && noRepeatNGramSize == 0 && suppressed.isEmpty && prefixBias == 0
  }
}
