// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

private struct Conditioned: Module {
  var states: Tensor
  var memory: Tensor
  var layer: TransformerDecoderLayer

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("states", &states)
    visit("memory", &memory)
    visit("layer", &layer)
  }
}

@Suite("Transformer decoder layers")
struct TransformerDecoderLayerTests {
  @Test(
    "A layer over ragged targets and sources agrees with PyTorch", arguments: NormPlacement.allCases
  )
  func agreesWithPyTorch(placement: NormPlacement) throws {
    let golden = try GoldenCase(
      "decoder layer \(placement.rawValue)", in: "Models/modules.json")
    let layout = try golden.layout("targets")
    let sources = try golden.layout("sources")
    let settings = TransformerLayerSettings(
      modelDimension: 8, headCount: 2, feedForwardDimension: 12, normPlacement: placement,
      epsilon: 1e-5)
    let module = Conditioned(
      states: .zeros([layout.tokenCount, 8]), memory: .zeros([sources.tokenCount, 8]),
      layer: TransformerDecoderLayer(settings, key: RandomKey(seed: 1)))
    try golden.expectAgreement(of: module) { module in
      let memory = module.layer.crossAttention.keysAndValues(
        of: PackedStates(states: module.memory, layout: sources))
      var past = KeyValues(rowCount: layout.count)
      return module.layer(
        module.states, layout: layout, past: &past, memory: memory,
        sources: Array(0..<layout.count), mode: .inference)
    }
  }

  @Test("A layer has the names of its properties")
  func namesProperties() throws {
    let settings = TransformerLayerSettings(
      modelDimension: 4, headCount: 2, feedForwardDimension: 4)
    try ModuleContract.checkListing(
      of: TransformerDecoderLayer(settings, key: RandomKey(seed: 1)))
  }

  @Test("Positions of ragged sequences start where each sequence is")
  func positionsStartApart() {
    let layout = SequenceLayout(lengths: [2, 0, 3])
    #expect(layout.positions(from: [5, 9, 0]) == [5, 6, 0, 1, 2])
  }

  @Test("Embedded tokens are scaled vectors plus the waves of their positions")
  func embedsWithWaves() {
    let table = Embedding(weight: Tensor(doubles: [0, 0, 0, 0, 1, 2, 3, 4], shape: [2, 4]))
    let embedded = table.positioned(TokenBatch([[1, 0], [0]]), from: [0, 7]).doubles
    // Row 0: 2 x (1, 2, 3, 4) + (sin 0, cos 0, sin 0, cos 0). Columns 2 and 3 turn a hundred times slower.
    let expected: [Double] = [
      2, 5, 6, 9,
      0.8414709848078965, 0.5403023058681398, 0.009999833334166664, 0.9999500004166653,
      0.6569865987187891, 0.7539022543433046, 0.06994284733753277, 0.9975510002532796,
    ]
    #expect(relativeDistance(embedded, expected) < 1e-14)
  }
}
