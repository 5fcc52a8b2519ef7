// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneTensors

/// Writes the most probable token at each step.
public struct GreedySearch: Sendable {
  /// How hypotheses are scored.
  public let ranking: HypothesisRanking
  /// What may not be written.
  public let rules: DecodingRules
  /// Where writing starts and stops.
  public let limits: DecodingLimits
  /// Whether hypotheses tell what they attend to.
  public let returnsAttention: Bool
  /// Whether hypotheses tell how probable they are. Where that is not asked for, the same tokens are found by less work.
  public let returnsScores: Bool

  /// A search within `limits`.
  public init(
    ranking: HypothesisRanking = HypothesisRanking(length: .power(0)),
    rules: DecodingRules = DecodingRules(), limits: DecodingLimits, returnsAttention: Bool = false,
    returnsScores: Bool = true
  ) {
    self.ranking = ranking
    self.rules = rules
    self.limits = limits
    self.returnsAttention = returnsAttention
    self.returnsScores = returnsScores
  }

  /// Returns one hypothesis a source.
  public func callAsFunction<Model: SequenceToSequence>(
    _ model: Model, _ source: Model.Source
  ) -> [Hypothesis] {
    self(SequenceWriter(model), source)
  }

  /// Returns one hypothesis a source.
  ///
  /// - Parameters:
  ///   - prefixes: What the sequence of each source begins with; empty: nothing is forced.
  ///   - onToken: Is told each token when it is written.
  public func callAsFunction<Model: SequenceToSequence>(
    _ writer: SequenceWriter<Model>, _ source: Model.Source, prefixes: [[Int32]] = [],
    onToken: (_ source: Int, _ token: Int32) -> Void = { _, _ in }
  ) -> [Hypothesis] {
    let stepwise = StepwiseSearch(
      ranking: ranking, rules: rules, limits: limits, returnsAttention: returnsAttention)
    let unscored = returnsScores ? nil : UnscoredChoice(writer, rules: rules, limits: limits)
    return stepwise(
      writer, source, prefixes: prefixes, unscored: unscored, onToken: onToken
    ) { scores, _, _ in
      scores.best(1).map(\.first)
    }
  }
}

/// Names the most probable tokens without their probabilities.
struct UnscoredChoice {
  private let search: MaximumInnerProductSearch
  /// The same for rows that may not end yet.
  private let endless: MaximumInnerProductSearch
  private let minimumLength: Int

  /// Nil where the rules ask for probabilities, or nothing is won.
  init?<Model>(_ writer: SequenceWriter<Model>, rules: DecodingRules, limits: DecodingLimits) {
    guard let suppressed = rules.suppressedAlone, let search = writer.mostProbable else {
      return nil
    }
    self.search = search.excluding(suppressed)
    endless = search.excluding(suppressed + [limits.end])
    minimumLength = limits.minimumLength
  }

  /// The most probable token after each state, given how many tokens were written before; nil where every one is forbidden.
  func callAsFunction(after states: Tensor, lengths: [Int]) -> [ScoredToken?] {
    // Rows are as long as each other unless their prefixes differ.
    let isShort = lengths.map { $0 < minimumLength }
    let (early, late) = (
      isShort.contains(true) ? endless(states) : [], isShort.contains(false) ? search(states) : []
    )
    return isShort.indices.map { row in
      (isShort[row] ? early[row] : late[row]).map { ScoredToken(token: $0, logProbability: .nan) }
    }
  }
}

/// Draws each token from the model's distribution, or from its likelier part.
///
/// A draw depends on the seed, the sentence and the position alone, so a sentence gets the same translation in any batch.
public struct SamplingSearch: Sendable {
  /// How hypotheses are scored.
  public let ranking: HypothesisRanking
  /// From what tokens are drawn.
  public let sampling: TokenSampling
  /// What may not be written.
  public let rules: DecodingRules
  /// Where writing starts and stops.
  public let limits: DecodingLimits
  /// Whether hypotheses tell what they attend to.
  public let returnsAttention: Bool
  /// Of all draws.
  public let seed: UInt64

  /// A search within `limits`.
  public init(
    sampling: TokenSampling, seed: UInt64,
    ranking: HypothesisRanking = HypothesisRanking(length: .power(0)),
    rules: DecodingRules = DecodingRules(), limits: DecodingLimits, returnsAttention: Bool = false
  ) {
    self.sampling = sampling
    self.seed = seed
    self.ranking = ranking
    self.rules = rules
    self.limits = limits
    self.returnsAttention = returnsAttention
  }

  /// Returns one hypothesis a source.
  ///
  /// - Parameters:
  ///   - sentences: A number for each source, of which its draws depend; nil: 0, 1, 2…
  ///   - draw: Tells apart several hypotheses of the same source.
  ///   - prefixes: What the sequence of each source begins with; empty: nothing is forced.
  ///   - onToken: Is told each token when it is written.
  public func callAsFunction<Model: SequenceToSequence>(
    _ writer: SequenceWriter<Model>, _ source: Model.Source, sentences: [UInt64]? = nil,
    draw: UInt64 = 0, prefixes: [[Int32]] = [],
    onToken: (_ source: Int, _ token: Int32) -> Void = { _, _ in }
  ) -> [Hypothesis] {
    let stepwise = StepwiseSearch(
      ranking: ranking, rules: rules, limits: limits, returnsAttention: returnsAttention)
    let key = RandomKey(seed: seed).place(draw)
    return stepwise(writer, source, prefixes: prefixes, onToken: onToken) {
      scores, sources, written in
      sampling.choose(
        from: scores,
        keys: sources.map { source in
          key.place(sentences.map { $0[source] } ?? UInt64(source))
            .place(UInt64(written[source].beginning.tokens.count))
        })
    }
  }
}

/// One row a source: what greedy search and sampling share.
struct StepwiseSearch {
  let ranking: HypothesisRanking
  let rules: DecodingRules
  let limits: DecodingLimits
  let returnsAttention: Bool

  /// - Parameters:
  ///   - unscored: Names the next tokens instead of `choose`, where their probabilities are not asked for.
  ///   - choose: The next token of each row, given the source of each row and what was written for each source; nil where every
  ///     token is forbidden.
  func callAsFunction<Model: SequenceToSequence>(
    _ writer: SequenceWriter<Model>, _ source: Model.Source, prefixes: [[Int32]],
    unscored: UnscoredChoice? = nil, onToken: (_ source: Int, _ token: Int32) -> Void,
    choose: (NextTokenScores, _ sources: ArraySlice<Int>, _ written: [Written]) -> [ScoredToken?]
  ) -> [Hypothesis] {
    let observes = returnsAttention || ranking.coveragePenalty != 0
    var state = WritingState(writer, source: source, observesAttention: observes)
    precondition(
      prefixes.isEmpty || prefixes.count == state.rowCount,
      "\(prefixes.count) prefixes for \(state.rowCount) sources")
    var written = (0..<state.rowCount).map {
      Written(prefix: prefixes.isEmpty ? [] : prefixes[$0], isForced: rules.prefixBias == 0)
    }
    // The source that each row of the state writes for.
    var sources = Array(written.indices)
    var isFirst = true
    while !sources.isEmpty {
      let states =
        isFirst
        ? state.states(after: sources.map { [limits.start] + written[$0].beginning.tokens })
        : state.states(after: sources.map { written[$0].beginning.tokens.last ?? limits.start })
      isFirst = false
      let chosen: [ScoredToken?]
      if let unscored {
        chosen = unscored(
          after: states, lengths: sources.map { written[$0].beginning.tokens.count })
      } else {
        chosen = state.choices(after: states) { scores, rows in
          next(&scores, of: sources[rows], written, choose)
        }
      }
      for (row, source) in sources.enumerated() {
        if let weights = state.attention?[row] {
          written[source].beginning.observe(weights, keeps: returnsAttention)
        }
        let isWritten = written[source].write(chosen[row], limits: limits)
        if isWritten, let token = chosen[row]?.token { onToken(source, token) }
      }
      let rows = sources.indices.filter { !written[sources[$0]].isOver }
      state.select(rows: rows)
      sources = rows.map { sources[$0] }
    }
    return written.map { hypothesis($0) }
  }

  private func next(
    _ scores: inout NextTokenScores, of sources: ArraySlice<Int>, _ written: [Written],
    _ choose: (NextTokenScores, ArraySlice<Int>, [Written]) -> [ScoredToken?]
  ) -> [ScoredToken?] {
    if !rules.isIdle || limits.minimumLength > 0 {
      for (row, source) in sources.enumerated() {
        rules.apply(
          to: &scores, row: row, after: written[source].beginning.tokens, limits: limits,
          prefix: written[source].prefix)
      }
    }
    return choose(scores, sources, written)
  }

  private func hypothesis(_ written: Written) -> Hypothesis {
    let beginning = written.beginning
    let length = beginning.tokens.count - written.forcedCount + (written.isFinished ? 1 : 0)
    return Hypothesis(
      tokens: beginning.tokens, logProbability: beginning.logProbability,
      score: ranking.score(
        beginning.logProbability, length: length, coverage: beginning.coverage),
      isFinished: written.isFinished, attention: returnsAttention ? beginning.attention : nil)
  }
}

/// What was written for one source.
struct Written {
  let prefix: [Int32]
  let forcedCount: Int
  var beginning: Beam.Beginning
  private(set) var isOver = false
  private(set) var isFinished = false

  init(prefix: [Int32], isForced: Bool) {
    self.prefix = prefix
    forcedCount = isForced ? prefix.count : 0
    beginning = Beam.Beginning(tokens: isForced ? prefix : [])
  }

  /// Returns whether a token was written, rather than the end.
  mutating func write(_ chosen: ScoredToken?, limits: DecodingLimits) -> Bool {
    guard let chosen, beginning.tokens.count < limits.maximumLength else {
      isOver = true
      return false
    }
    let sum = beginning.logProbability + chosen.logProbability
    isFinished = chosen.token == limits.end
    if isFinished {
      beginning.logProbability = sum
    } else {
      beginning = beginning.followed(by: chosen.token, sum)
    }
    isOver = isFinished || beginning.tokens.count >= limits.maximumLength
    return !isFinished
  }
}
