// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers

/// Writes the most probable token at each step.
public struct GreedySearch: Sendable {
  /// Where writing starts and stops.
  public let limits: DecodingLimits

  /// A search within `limits`.
  public init(limits: DecodingLimits) { self.limits = limits }

  /// Returns one hypothesis a source.
  public func callAsFunction<Model: SequenceToSequence>(
    _ model: Model, _ source: Model.Source
  ) -> [Hypothesis] {
    var next = NextTokens(model, source: source)
    var tokens = [[Int32]](repeating: [], count: next.rowCount)
    var sums = [Double](repeating: 0, count: next.rowCount)
    var isFinished = [Bool](repeating: false, count: next.rowCount)
    // The source that each row of the state writes for.
    var sources = Array(0..<next.rowCount)
    for _ in 0..<limits.maximumLength where !sources.isEmpty {
      let best = next.best(1, after: sources.map { tokens[$0].last ?? limits.start })
      for (source, choice) in zip(sources, best.map { $0[0] }) {
        sums[source] += choice.logProbability
        isFinished[source] = choice.token == limits.end
        if !isFinished[source] { tokens[source].append(choice.token) }
      }
      let rows = sources.indices.filter { !isFinished[sources[$0]] }
      next.select(rows: rows)
      sources = rows.map { sources[$0] }
    }
    return tokens.indices.map {
      Hypothesis(
        tokens: tokens[$0], logProbability: sums[$0], score: sums[$0], isFinished: isFinished[$0])
    }
  }
}
