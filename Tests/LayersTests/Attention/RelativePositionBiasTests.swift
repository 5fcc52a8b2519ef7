// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@Suite("Relative positions")
struct RelativePositionBiasTests {
  @Test("Distances fall into the buckets of transformers, borders too")
  func buckets() throws {
    let golden = try InputFile.json(of: Golden.path("Layers/distance_buckets.json"))
    let first = try golden.integer(at: "first")
    let expected = try golden.integers(at: "buckets")
    let buckets = DistanceBuckets()
    #expect(expected.indices.map { buckets.bucket(of: first + $0) } == expected)
  }

  @Test("The bias names every distance of a sequence, and its table is trained through attention")
  func gradients() throws {
    // Few buckets, so that far distances share them within a short sequence.
    let bias = RelativePositionBias(
      buckets: DistanceBuckets(count: 8, maximumDistance: 6), headCount: 2,
      key: RandomKey(seed: 1))
    try ModuleContract.check(
      Biased(
        attention: .init(dimension: 4, headCount: 2, dropout: Dropout(0.2), key: .init(seed: 2)),
        bias: bias
      )
      .awakened, lengths: [9, 1, 4], dimension: 4
    ) { module, packed, mode in module(packed, mode: mode) }
    let table = bias(length: 3)
    #expect(table.table.shape == [2, 5] && table.origin == 2)
    let weights = bias.weight.values
    let wanted = [-2, -1, 0, 1, 2].map { weights[2 * bias.buckets.bucket(of: $0) + 1] }
    #expect(Array(table.table.values.suffix(5)) == wanted)
    #expect(bias(length: 0).table.shape == [2, 1])
  }
}

/// Two rounds of attention that share a bias.
private struct Biased: Module {
  var attention: MultiHeadAttention
  var bias: RelativePositionBias

  func callAsFunction(_ packed: PackedStates, mode: Mode) -> Tensor {
    let shared = bias(length: packed.layout.longestLength)
    let once = attention(packed.states, layout: packed.layout, bias: shared, mode: mode)
    return attention(once, layout: packed.layout, bias: shared, mode: mode)
  }

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("attention", &attention)
    visit("bias", &bias)
  }
}
