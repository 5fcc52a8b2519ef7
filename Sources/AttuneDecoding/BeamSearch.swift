// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneTensors

/// Keeps the most probable beginnings at each step and returns the best whole sequences.
///
/// A step looks at twice as many continuations as the beam is wide: an end counts when it is among the first `width`, and
/// the best `width` others go on, so that finished sequences do not narrow the beam. A source whose search is over leaves
/// the batch. Equal scores are ordered by token id.
public struct BeamSearch: Sendable {
  /// Beginnings kept for each source.
  public let width: Int
  /// Hypotheses returned for each source, at most `width`.
  public let hypothesisCount: Int
  /// How hypotheses are compared.
  public let ranking: HypothesisRanking
  /// When the search for a source ends.
  public let stopping: StoppingRule
  /// What may not be written.
  public let rules: DecodingRules
  /// Where writing starts and stops.
  public let limits: DecodingLimits
  /// Whether hypotheses tell what they attend to.
  public let returnsAttention: Bool

  /// A search of the given width.
  public init(
    width: Int, hypothesisCount: Int = 1, ranking: HypothesisRanking = HypothesisRanking(),
    stopping: StoppingRule = .finished(patience: 1), rules: DecodingRules = DecodingRules(),
    limits: DecodingLimits, returnsAttention: Bool = false
  ) {
    precondition(
      width > 0 && (1...width).contains(hypothesisCount),
      "\(hypothesisCount) hypotheses of a beam of width \(width)")
    self.width = width
    self.hypothesisCount = hypothesisCount
    self.ranking = ranking
    self.stopping = stopping
    self.rules = rules
    self.limits = limits
    self.returnsAttention = returnsAttention
  }

  /// A search whose scores are log-probability / length^p.
  public init(
    width: Int, hypothesisCount: Int = 1, lengthPenalty: Double, limits: DecodingLimits
  ) {
    self.init(
      width: width, hypothesisCount: hypothesisCount,
      ranking: HypothesisRanking(length: .power(lengthPenalty)), limits: limits)
  }

  /// Returns the hypotheses of each source, best first.
  public func callAsFunction<Model: SequenceToSequence>(
    _ model: Model, _ source: Model.Source
  ) -> [[Hypothesis]] {
    self(SequenceWriter(model), source)
  }

  /// Returns the hypotheses of each source, best first.
  ///
  /// - Parameter prefixes: What the sequence of each source begins with; empty: nothing is forced.
  public func callAsFunction<Model: SequenceToSequence>(
    _ writer: SequenceWriter<Model>, _ source: Model.Source, prefixes: [[Int32]] = []
  ) -> [[Hypothesis]] {
    let observes = returnsAttention || ranking.coveragePenalty != 0
    var state = WritingState(writer, source: source, observesAttention: observes)
    precondition(
      prefixes.isEmpty || prefixes.count == state.rowCount,
      "\(prefixes.count) prefixes for \(state.rowCount) sources")
    var beams = (0..<state.rowCount).map {
      Beam(search: self, prefix: prefixes.isEmpty ? [] : prefixes[$0])
    }
    var isFirst = true
    while beams.contains(where: { !$0.beginnings.isEmpty }) {
      let states =
        isFirst
        ? state.states(after: beams.map { [limits.start] + ($0.beginnings.first?.tokens ?? []) })
        : state.states(
          after: beams.flatMap { $0.beginnings.map { $0.tokens.last ?? limits.start } })
      let best = best(after: states, in: state, beams, isFirst)
      state.select(rows: extend(&beams, by: best, attention: state.attention, isFirst))
      isFirst = false
    }
    return beams.map(\.best)
  }

  /// The best tokens after each state.
  ///
  /// - Parameter isFirst: Whether beams without a beginning have a row too.
  private func best<Model>(
    after states: Tensor, in state: WritingState<Model>, _ beams: [Beam], _ isFirst: Bool
  ) -> [[ScoredToken]] {
    // The beam and the beginning of each row.
    let places = beams.indices.flatMap { beam -> [(beam: Int, beginning: Int)] in
      let count = beams[beam].beginnings.count
      return (0..<(isFirst ? 1 : count)).map { (beam, $0) }
    }
    return state.choices(after: states) { scores, rows in
      if !rules.isIdle || limits.minimumLength > 0 {
        for row in rows {
          let beam = beams[places[row].beam]
          guard places[row].beginning < beam.beginnings.count else { continue }
          rules.apply(
            to: &scores, row: row - rows.lowerBound,
            after: beam.beginnings[places[row].beginning].tokens, limits: limits,
            prefix: beam.prefix)
        }
      }
      return scores.best(2 * width)
    }
  }

  /// Goes one step on with all beams, and returns the row that each new beginning continues.
  private func extend(
    _ beams: inout [Beam], by best: [[ScoredToken]], attention: [[Float]]?, _ isFirst: Bool
  ) -> [Int] {
    var rows: [Int] = []
    var row = 0
    for index in beams.indices {
      let count = beams[index].beginnings.count
      let range = row..<row + count
      rows += beams[index].extend(by: best[range], attention: attention?[range]).map { row + $0 }
      row += isFirst ? 1 : count
    }
    return rows
  }
}
