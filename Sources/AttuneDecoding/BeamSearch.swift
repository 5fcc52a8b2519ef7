// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import Foundation

/// Keeps the most probable beginnings at each step and returns the best whole sequences.
///
/// A step looks at twice as many continuations as the beam is wide: an end counts when it is among the first `width`, and
/// the best `width` others go on, so that finished sequences do not narrow the beam. A source is done when `width` have
/// finished. Equal scores are ordered by token id.
public struct BeamSearch: Sendable {
  /// Beginnings kept for each source.
  public let width: Int
  /// Hypotheses returned for each source, at most `width`.
  public let hypothesisCount: Int
  /// p in score = log-probability / length^p; the length counts the end.
  public let lengthPenalty: Double
  /// Where writing starts and stops.
  public let limits: DecodingLimits

  /// A search of the given width.
  public init(
    width: Int, hypothesisCount: Int = 1, lengthPenalty: Double = 1, limits: DecodingLimits
  ) {
    precondition(
      width > 0 && (1...width).contains(hypothesisCount),
      "\(hypothesisCount) hypotheses of a beam of width \(width)")
    self.width = width
    self.hypothesisCount = hypothesisCount
    self.lengthPenalty = lengthPenalty
    self.limits = limits
  }

  /// Returns the hypotheses of each source, best first.
  public func callAsFunction<Model: SequenceToSequence>(
    _ model: Model, _ source: Model.Source
  ) -> [[Hypothesis]] {
    var next = NextTokens(model, source: source)
    var beams = [Beam](repeating: Beam(search: self), count: next.rowCount)
    for _ in 0..<limits.maximumLength {
      let last = beams.flatMap { $0.beginnings.map { $0.tokens.last ?? limits.start } }
      guard !last.isEmpty else { break }
      let best = next.best(2 * width, after: last)
      var rows: [Int] = []
      var firstRow = 0
      for index in beams.indices {
        let count = beams[index].beginnings.count
        let parents = beams[index].extend(by: best[firstRow..<firstRow + count])
        rows += parents.map { firstRow + $0 }
        firstRow += count
      }
      next.select(rows: rows)
    }
    return beams.map(\.best)
  }
}

/// The beginnings and finished hypotheses of one source.
private struct Beam {
  struct Beginning {
    var tokens: [Int32] = []
    var logProbability = 0.0
  }

  /// A beginning and one more token.
  struct Candidate {
    let parent: Int
    let token: Int32
    let logProbability: Double

    func precedes(_ other: Candidate) -> Bool {
      if logProbability != other.logProbability { return logProbability > other.logProbability }
      return (token, Int32(parent)) < (other.token, Int32(other.parent))
    }
  }

  let search: BeamSearch
  private(set) var beginnings = [Beginning()]
  private var finished: [Hypothesis] = []

  init(search: BeamSearch) { self.search = search }

  /// Goes one step on, given the best tokens after each beginning.
  ///
  /// - Returns: The beginning that each new one continues.
  mutating func extend(by best: ArraySlice<[ScoredToken]>) -> [Int] {
    guard !beginnings.isEmpty else { return [] }
    var candidates = zip(beginnings.indices, best).flatMap { parent, tokens in
      tokens.map {
        Candidate(
          parent: parent, token: $0.token,
          logProbability: beginnings[parent].logProbability + $0.logProbability)
      }
    }
    candidates.sort { $0.precedes($1) }
    var continued: [Candidate] = []
    for (rank, candidate) in candidates.prefix(2 * search.width).enumerated() {
      if candidate.token != search.limits.end {
        if continued.count < search.width { continued.append(candidate) }
      } else if rank < search.width {
        finish(beginnings[candidate.parent].tokens, candidate.logProbability, isFinished: true)
      }
    }
    if finished.count >= search.width { continued = [] }
    beginnings = continued.map {
      Beginning(
        tokens: beginnings[$0.parent].tokens + [$0.token], logProbability: $0.logProbability)
    }
    return continued.map(\.parent)
  }

  /// The best hypotheses; beginnings that the limit cut are among them.
  var best: [Hypothesis] {
    var all = self
    for beginning in beginnings {
      all.finish(beginning.tokens, beginning.logProbability, isFinished: false)
    }
    let ranked = all.finished.sorted {
      if $0.score != $1.score { return $0.score > $1.score }
      return $0.tokens.lexicographicallyPrecedes($1.tokens)
    }
    return Array(ranked.prefix(search.hypothesisCount))
  }

  private mutating func finish(_ tokens: [Int32], _ logProbability: Double, isFinished: Bool) {
    let length = Double(tokens.count + (isFinished ? 1 : 0))
    finished.append(
      Hypothesis(
        tokens: tokens, logProbability: logProbability,
        score: logProbability / pow(length, search.lengthPenalty), isFinished: isFinished))
  }
}
