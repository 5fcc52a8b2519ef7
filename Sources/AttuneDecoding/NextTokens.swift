// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneTensors

/// A model in the middle of writing: one token a row in, the best next tokens of each row out.
struct NextTokens<Model: SequenceToSequence> {
  private let model: Model
  private var state: Model.State

  init(_ model: Model, source: Model.Source) {
    self.model = model
    state = model.begin(source, mode: .inference)
  }

  var rowCount: Int { state.rowCount }

  /// Drops, reorders and repeats rows.
  mutating func select(rows: [Int]) {
    if rows != Array(0..<state.rowCount) { state.select(rows: rows) }
  }

  /// Returns the `count` best tokens after `last`, row by row, best first; equal ones by token id.
  mutating func best(_ count: Int, after last: [Int32]) -> [[ScoredToken]] {
    let tokens = TokenBatch(
      ids: last, layout: SequenceLayout(lengths: last.map { _ in 1 }))
    let logits = model.logits(
      of: model.states(for: tokens, state: &state, mode: .inference))
    let scores = logits.doubles
    let normalizers = logits.logSumExp().doubles
    let vocabulary = logits.columnCount
    return last.indices.map { row in
      best(count, of: scores[row * vocabulary..<(row + 1) * vocabulary]).map {
        ScoredToken(token: $0.token, logProbability: $0.logProbability - normalizers[row])
      }
    }
  }

  private func best(_ count: Int, of scores: ArraySlice<Double>) -> [ScoredToken] {
    var result: [ScoredToken] = []
    result.reserveCapacity(count + 1)
    for (token, score) in scores.enumerated() {
      // Strictly greater, so that of equal tokens the first stays.
      if result.count == count, let last = result.last, !(score > last.logProbability) { continue }
      let place = result.lastIndex { $0.logProbability >= score }.map { $0 + 1 } ?? 0
      result.insert(ScoredToken(token: Int32(token), logProbability: score), at: place)
      if result.count > count { result.removeLast() }
    }
    return result
  }
}

struct ScoredToken {
  let token: Int32
  let logProbability: Double
}
