// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
internal import AttuneTensors

/// From what a token is drawn: log-probabilities over the temperature, of these the `topK` best, and of these the fewest that
/// hold the share `topP` (Fan et al. 2018, Holtzman et al. 2020).
public struct TokenSampling: Sendable, Hashable {
  /// Below 1, likely tokens become likelier.
  public var temperature: Double
  /// Tokens that may be drawn; 0: all.
  public var topK: Int
  /// Share of the probability that the drawn tokens hold, in 0...1.
  public var topP: Double

  /// The model's own distribution, or the likelier part of it.
  public init(temperature: Double = 1, topK: Int = 0, topP: Double = 1) {
    precondition(
      temperature > 0 && topK >= 0 && topP > 0 && topP <= 1,
      "temperature \(temperature), the best \(topK), a share of \(topP)")
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
  }

  /// Draws a token for each row by the key of that row; nil where every token is forbidden.
  func choose(from scores: NextTokenScores, keys: [RandomKey]) -> [ScoredToken?] {
    let best = topK > 0 ? scores.best(topK) : nil
    return keys.enumerated().map { row, key in
      draw(from: best?[row] ?? possible(scores, row), key)
    }
  }

  /// The tokens of a row that are not forbidden; best first where that matters.
  private func possible(_ scores: NextTokenScores, _ row: Int) -> [ScoredToken] {
    let all = scores.logProbabilities(of: row).enumerated().compactMap { token, value in
      value > -.infinity ? ScoredToken(token: Int32(token), logProbability: value) : nil
    }
    guard topP < 1 else { return all }
    return all.sorted {
      ($0.logProbability, $1.token) > ($1.logProbability, $0.token)
    }
  }

  private func draw(from tokens: [ScoredToken], _ key: RandomKey) -> ScoredToken? {
    guard let largest = tokens.map(\.logProbability).max() else { return nil }
    var weights = tokens.map { exp(($0.logProbability - largest) / temperature) }
    if topP < 1 {
      let allowed = topP * weights.reduce(0, +)
      var sum = 0.0
      let count = weights.firstIndex { weight in
        sum += weight
        return sum >= allowed
      }
      weights = Array(weights.prefix((count ?? weights.count - 1) + 1))
    }
    let uniform =
      Double(key.word(at: 0)) * 0x1p-32 + Double(key.word(at: 1) >> 11) * 0x1p-53
    var rest = uniform * weights.reduce(0, +)
    for (token, weight) in zip(tokens, weights) {
      rest -= weight
      if rest < 0 { return token }
    }
    return tokens[weights.count - 1]
  }
}
