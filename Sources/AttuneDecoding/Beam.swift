// SPDX-License-Identifier: Apache-2.0

internal import AttuneTensors

/// The beginnings and finished hypotheses of one source.
struct Beam {
  struct Beginning {
    var tokens: [Int32]
    var logProbability = 0.0
    /// Of each token behind the prefix; empty unless it is observed.
    var attention: [[Float]] = []
    /// Summed attention of each source position; empty unless it is observed.
    var coverage: [Float] = []

    func followed(by token: Int32, _ logProbability: Double) -> Beginning {
      var result = self
      result.tokens.append(token)
      result.logProbability = logProbability
      return result
    }

    mutating func observe(_ weights: [Float], keeps: Bool) {
      if keeps { attention.append(weights) }
      coverage = coverage.isEmpty ? weights : zip(coverage, weights).map { $0 + $1 }
    }
  }

  /// A beginning and one more token.
  private struct Candidate {
    let parent: Int
    let token: Int32
    let logProbability: Double

    func precedes(_ other: Candidate) -> Bool {
      if logProbability != other.logProbability { return logProbability > other.logProbability }
      return (token, Int32(parent)) < (other.token, Int32(other.parent))
    }
  }

  let search: BeamSearch
  /// What every hypothesis begins with, or with a bias, what it should begin with.
  let prefix: [Int32]
  private(set) var beginnings: [Beginning] = []
  private var finished: [Hypothesis] = []
  private let forcedCount: Int

  init(search: BeamSearch, prefix: [Int32]) {
    (self.search, self.prefix) = (search, prefix)
    forcedCount = search.rules.prefixBias > 0 ? 0 : prefix.count
    let start = Beginning(tokens: Array(prefix.prefix(forcedCount)))
    if forcedCount < search.limits.maximumLength {
      beginnings = [start]
    } else {
      finish(start, isFinished: false)
    }
  }

  /// Goes one step on, given the best tokens after each beginning.
  ///
  /// - Returns: The beginning that each new one continues.
  mutating func extend(
    by best: ArraySlice<[ScoredToken]>, attention: ArraySlice<[Float]>?
  ) -> [Int] {
    guard let first = beginnings.first else { return [] }
    if let attention {
      for (index, weights) in zip(beginnings.indices, attention) {
        beginnings[index].observe(weights, keeps: search.returnsAttention)
      }
    }
    let isLast = first.tokens.count + 1 >= search.limits.maximumLength
    var continued: [Candidate] = []
    for (rank, candidate) in candidates(best).enumerated() {
      let (token, sum) = (candidate.token, candidate.logProbability)
      if token == search.limits.end {
        guard rank < search.width else { continue }
        var ended = beginnings[candidate.parent]
        ended.logProbability = sum
        finish(ended, isFinished: true)
      } else if !isLast {
        if continued.count < search.width { continued.append(candidate) }
      } else if rank < search.width {
        finish(beginnings[candidate.parent].followed(by: token, sum), isFinished: false)
      }
    }
    if continued.isEmpty, finished.isEmpty {
      // The rules forbid every token.
      for beginning in beginnings { finish(beginning, isFinished: false) }
    }
    beginnings = continued.map {
      beginnings[$0.parent].followed(by: $0.token, $0.logProbability)
    }
    guard isOver else { return continued.map(\.parent) }
    beginnings = []
    return []
  }

  private func candidates(_ best: ArraySlice<[ScoredToken]>) -> ArraySlice<Candidate> {
    var result: [Candidate] = []
    result.reserveCapacity(best.reduce(0) { $0 + $1.count })
    for (parent, tokens) in zip(beginnings.indices, best) {
      for scored in tokens {
        result.append(
          Candidate(
            parent: parent, token: scored.token,
            logProbability: beginnings[parent].logProbability + scored.logProbability))
      }
    }
    result.sort { $0.precedes($1) }
    return result.prefix(2 * search.width)
  }

  /// Whether what is finished is all that the search is after.
  private var isOver: Bool {
    if case .finished(let patience) = search.stopping {
      return Double(finished.count) >= Double(search.width) * patience
    }
    guard finished.count >= search.width, let best = beginnings.first else { return false }
    let worst = finished.map(\.score).sorted(by: >)[search.width - 1]
    let length = best.tokens.count - forcedCount
    let longest = search.limits.maximumLength - forcedCount
    let possible = search.ranking.score(best.logProbability, length: length)
    guard search.stopping == .certain else { return possible <= worst }
    return max(possible, search.ranking.score(best.logProbability, length: longest)) <= worst
  }

  /// The best hypotheses.
  var best: [Hypothesis] {
    let ranked = finished.sorted {
      if $0.score != $1.score { return $0.score > $1.score }
      return $0.tokens.lexicographicallyPrecedes($1.tokens)
    }
    return Array(ranked.prefix(search.hypothesisCount))
  }

  private mutating func finish(_ beginning: Beginning, isFinished: Bool) {
    let length = beginning.tokens.count - forcedCount + (isFinished ? 1 : 0)
    finished.append(
      Hypothesis(
        tokens: beginning.tokens, logProbability: beginning.logProbability,
        score: search.ranking.score(
          beginning.logProbability, length: length, coverage: beginning.coverage),
        isFinished: isFinished,
        attention: search.returnsAttention ? beginning.attention : nil))
  }
}
