// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import TestSupport
import Testing

@testable import AttuneLayers

@Suite("Keys and values")
struct KeyValuesTests {
  private let attention = MultiHeadAttention(
    dimension: 8, headCount: 2, dropout: Dropout(0), key: RandomKey(seed: 3)
  ).converted(to: .float64)

  /// What causal self-attention makes of `states` when it reads `chunk` rows at a time.
  private func attended(_ states: Tensor, by chunk: Int) -> [Double] {
    var past = KeyValues(rowCount: 1)
    return stride(from: 0, to: states.rowCount, by: chunk).flatMap { first -> [Double] in
      let rows = (first..<min(first + chunk, states.rowCount)).map { Int32($0) }
      return attention(
        states.rows(rows), layout: SequenceLayout(lengths: [rows.count]), past: &past,
        mode: .inference
      ).doubles
    }
  }

  @Test(
    "Attention over the cache is causal attention over the whole", arguments: [1, 3, 32, 33, 50])
  func cacheIsTheWhole(chunk: Int) {
    let states = Tensor.drawn([70, 8], seed: 8)
    let whole = attention(
      states, layout: SequenceLayout(lengths: [70]), pattern: .causal, mode: .inference)
    #expect(relativeDistance(attended(states, by: chunk), whole.doubles) < 1e-13)
  }

  private func keyValues(_ rows: [[Double]]) -> PackedKeyValues {
    let tensor = Tensor(doubles: rows.flatMap { $0 }, shape: [rows.joined().count, 1])
    return PackedKeyValues(
      keys: tensor, values: tensor, layout: SequenceLayout(lengths: rows.map(\.count)))
  }

  /// The mean of all values seen: attention with queries of zero.
  private func means(_ past: KeyValues) -> [Double] {
    past.attended(
      by: .zeros([past.rowCount, 1], precision: .float64),
      SequenceLayout(lengths: past.lengths.map { _ in 1 }), bias: nil,
      settings: AttentionSettings(headCount: 1, pattern: .causal)
    ).doubles
  }

  @Test("Rows that share a beginning go different ways")
  func sharedBeginnings() {
    var past = KeyValues(rowCount: 2)
    past.append(keyValues([[1, 2], [9]]))
    past.select(rows: [0, 1, 0])
    past.append(keyValues([[6], [3], [9]]))
    #expect(past.lengths == [3, 2, 3])
    #expect(relativeDistance(means(past), [3, 6, 4]) < 1e-14)
    var other = past
    other.append(keyValues([[7], [0], [0]]))
    #expect(relativeDistance(means(past), [3, 6, 4]) < 1e-14)
    #expect(relativeDistance(means(other), [4, 4, 3]) < 1e-14)
  }

  @Test("Rows may stay empty, and an empty row may begin later")
  func emptyRowsMayBegin() {
    var past = KeyValues(rowCount: 2)
    past.append(keyValues([[], [4]]))
    past.append(keyValues([[2], []]))
    #expect(past.lengths == [1, 1])
    #expect(relativeDistance(means(past), [2, 4]) < 1e-14)
  }

  @Test("Each sequence attends to the source it names")
  func attendsToNamedSource() {
    let memory = attention.keysAndValues(
      of: PackedStates(states: .drawn([5, 8], seed: 1), layout: SequenceLayout(lengths: [2, 3])))
    let states = Tensor.drawn([3, 8], seed: 2)
    let both = attention(
      states, layout: SequenceLayout(lengths: [1, 2]), to: memory, sources: [1, 0],
      mode: .inference)
    let swapped = attention(
      states, layout: SequenceLayout(lengths: [1, 2]), to: memory.selecting([1, 0]),
      sources: [0, 1], mode: .inference)
    #expect(relativeDistance(both.doubles, swapped.doubles) < 1e-14)
  }

  @Test("Keys that turn by their positions give step by step what the whole gives")
  func rotarySteps() {
    let attention = MultiHeadAttention(
      dimension: 8, headCount: 2, dropout: Dropout(0), key: RandomKey(seed: 5)
    ).converted(to: .float64)
    let whole = Tensor.drawn([40, 8], seed: 1)
    func rotation(_ positions: [Int32]) -> RotaryPositions {
      RotaryPositions(positions, base: 50, headWidth: 4, precision: .float64)
    }
    let expected = attention(
      whole, layout: SequenceLayout(lengths: [40]), pattern: .causal,
      rotation: rotation(Array(0..<40)), mode: .inference)
    var past = KeyValues(rowCount: 1)
    var found: [Double] = []
    for part in [0..<33, 33..<34, 34..<40] as [Range<Int32>] {
      let layout = SequenceLayout(lengths: [part.count])
      found +=
        attention(
          whole.rows(Array(part)), layout: layout, past: &past,
          rotation: rotation(layout.positions(from: past.lengths)), mode: .inference
        ).doubles
    }
    #expect(relativeDistance(found, expected.doubles) < 1e-12)
  }
}
