// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import AttuneTensors

@Suite("Attention")
struct AttentionTests {
  private func states(_ rows: Int, _ columns: Int) -> [String: Tensor] {
    [
      "q": .drawn([rows, columns], seed: 1), "k": .drawn([rows, columns], seed: 2),
      "v": .drawn([rows, columns], seed: 3),
    ]
  }

  @Test(
    "Derivatives agree with central differences, weights dropped and biased",
    arguments: [AttentionPattern.full, .causal, .window(radius: 0), .window(radius: 2)])
  func derivatives(_ pattern: AttentionPattern) throws {
    let layout = SequenceLayout(lengths: [4, 0, 1, 7])
    var tensors = states(layout.tokenCount, 6)
    tensors["bias"] = .drawn([2, 13], seed: 4)
    let settings = AttentionSettings(
      headCount: 2, pattern: pattern, dropout: DropoutDraw(rate: 0.3, key: RandomKey(seed: 1)))
    try expectGradients(of: tensors) {
      .attention(
        queries: $0["q"], layout, keys: $0["k"], values: $0["v"], layout,
        bias: AttentionBias(table: $0["bias"], origin: 6), settings: settings)
    }
  }

  @Test(
    "Derivatives hold across blocks of queries and keys",
    arguments: [AttentionPattern.full, .causal, .window(radius: 140)])
  func blocks(_ pattern: AttentionPattern) throws {
    let rows = 2 * AttentionKernel.keyBlock + 9
    let layout = SequenceLayout(lengths: [rows])
    let settings = AttentionSettings(
      headCount: 1, pattern: pattern, dropout: DropoutDraw(rate: 0.2, key: RandomKey(seed: 1)))
    try expectGradients(of: states(rows, 3)) {
      .attention(
        queries: $0["q"], layout, keys: $0["k"], values: $0["v"], layout, settings: settings)
    }
  }

  @Test("A causal bias needs no distances after the query")
  func causalBias() throws {
    let layout = SequenceLayout(lengths: [3, 5])
    var tensors = states(8, 4)
    tensors["bias"] = .drawn([2, 5], seed: 4)
    try expectGradients(of: tensors) {
      .attention(
        queries: $0["q"], layout, keys: $0["k"], values: $0["v"], layout,
        bias: AttentionBias(table: $0["bias"], origin: 4),
        settings: AttentionSettings(headCount: 2, pattern: .causal))
    }
  }

  @Test("More queries than keys: a causal query before the first key sees nothing and gives zero")
  func queriesBeforeTheKeys() throws {
    let (queries, keys) = (SequenceLayout(lengths: [5]), SequenceLayout(lengths: [3]))
    let tensors = [
      "q": Tensor.drawn([5, 4], seed: 1), "k": .drawn([3, 4], seed: 2),
      "v": .drawn([3, 4], seed: 3),
    ]
    func attended(_ tensors: NamedTensors) -> Tensor {
      .attention(
        queries: tensors["q"], queries, keys: tensors["k"], values: tensors["v"], keys,
        settings: AttentionSettings(headCount: 2, pattern: .causal))
    }
    let output = attended(NamedTensors(tensors)).doubles
    #expect(output.prefix(8).allSatisfy { $0 == 0 })
    #expect(output.suffix(12).allSatisfy { $0 != 0 })
    try expectGradients(of: tensors, attended)
  }

  @Test("A cache gives what the same keys in one matrix give, in any order of its sequences")
  func cache() {
    let (queries, keys) = (SequenceLayout(lengths: [2, 1]), SequenceLayout(lengths: [7, 3]))
    let q = Tensor.drawn([3, 4], seed: 1)
    let (k, v) = (Tensor.drawn([10, 4], seed: 2), Tensor.drawn([10, 4], seed: 3))
    let whole = Tensor.attention(
      queries: q, queries, keys: k, values: v, keys,
      settings: AttentionSettings(headCount: 2, pattern: .causal))
    var cache = KeyValueCache(sequenceCount: 3, dimension: 4, precision: .float64)
    for part in [[0, 7], [1, 2, 8], [3, 4, 5, 6, 9]] as [[Int32]] {
      let own = part.filter { $0 < 7 }
      // The first and the last sequence are one; rows in the middle are found from there.
      let rows = own + part.filter { $0 >= 7 } + own
      cache.append(
        keys: k.rows(rows), values: v.rows(rows),
        SequenceLayout(lengths: [own.count, part.count - own.count, own.count]))
    }
    cache.select([2, 1])
    let attended = cache.attended(by: q, queries, headCount: 2)
    #expect(relativeDistance(whole.doubles, attended.doubles) < 1e-14)
  }

  @Test("Queries of their own ranges of keys get what their sequences get")
  func rangesOfKeys() {
    let (k, v) = (Tensor.drawn([10, 4], seed: 2), Tensor.drawn([10, 4], seed: 3))
    let q = Tensor.drawn([3, 4], seed: 1)
    let one = SequenceLayout(lengths: [1, 1, 1])
    let whole = Tensor.attention(
      queries: q, one, keys: k, values: v, SequenceLayout(lengths: [7, 0, 3]),
      keySequences: [2, 0, 1], settings: AttentionSettings(headCount: 2))
    let found = Tensor.attention(
      ofEach: q, keys: k, values: v, rows: [7..<10, 0..<7, 7..<7], headCount: 2)
    #expect(relativeDistance(whole.doubles, found.doubles) < 1e-14)
  }

  @Test("Large scores neither overflow nor lose their order")
  func largeScores() {
    let layout = SequenceLayout(lengths: [3])
    let q = Tensor([1000, 1000, 1000], shape: [3, 1])
    let k = Tensor([-1000, 0, 1000], shape: [3, 1])
    let v = Tensor([1, 2, 3], shape: [3, 1])
    let output = Tensor.attention(
      queries: q, layout, keys: k, values: v, layout, settings: AttentionSettings(headCount: 1))
    #expect(output.values == [3, 3, 3])
  }

  @Test(
    "What is kept for the gradients grows with the length, not with its square",
    arguments: [200, 1000])
  func memory(length: Int) throws {
    let layout = SequenceLayout(lengths: [length])
    let parts = (0..<3 as Range<UInt64>).map {
      Tensor.drawn([length, 8], seed: $0).tracked(as: "\($0)")
    }
    let output = Tensor.attention(
      queries: parts[0], layout, keys: parts[1], values: parts[2], layout,
      settings: AttentionSettings(headCount: 2))
    let saved = try #require(output.node).saved
    // Queries, keys, values and output, and a number a head.
    #expect(saved.reduce(0) { $0 + $1.count } == length * (4 * 8 + 2))
  }
}
