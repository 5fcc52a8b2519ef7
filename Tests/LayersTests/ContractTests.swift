// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@Suite("Every module keeps the contract")
struct ContractTests {
  private let key = RandomKey(seed: 1)
  private let lengths = [3, 1, 5]

  @Test func linear() throws {
    try ModuleContract.check(
      Linear(input: 4, output: 3, standardDeviation: 0.5, key: key), lengths: [0, 2, 1],
      dimension: 4
    ) { module, packed, _ in module(packed.states, then: .gelu) }
  }

  @Test func layerNorm() throws {
    try ModuleContract.check(
      LayerNorm(dimension: 4, epsilon: 1e-5), lengths: [0, 2, 1], dimension: 4
    ) { module, packed, _ in module(packed.states) }
  }

  @Test func embedding() throws {
    try ModuleContract.check(
      Embedding(entries: 5, dimension: 3, key: key), tokens: [[1, 1, 4], [], [0]]
    ) { module, batch, _ in module(batch.ids) }
  }

  @Test func feedForward() throws {
    try ModuleContract.check(
      FeedForward(dimension: 4, hiddenDimension: 6, activation: .gelu, key: key).awakened,
      lengths: [0, 2, 1], dimension: 4
    ) { module, packed, mode in module(packed.states, mode: mode) }
  }

  @Test("Gated and dropped feed-forward nets without biases", arguments: [true, false])
  func otherFeedForward(isGated: Bool) throws {
    try ModuleContract.check(
      FeedForward(
        dimension: 4, hiddenDimension: 6, activation: .gelu, isGated: isGated, hasBias: false,
        dropout: Dropout(0.3), key: key
      ).awakened, lengths: [0, 2, 1], dimension: 4
    ) { module, packed, mode in module(packed.states, mode: mode) }
  }

  @Test("Norms without biases")
  func unbiasedLayerNorm() throws {
    try ModuleContract.check(
      LayerNorm(dimension: 4, epsilon: 1e-5, hasBias: false).awakened, lengths: [0, 2, 1],
      dimension: 4
    ) { module, packed, _ in module(packed.states) }
  }

  @Test("Multi-head attention", arguments: [AttentionPattern.full, .causal, .window(radius: 1)])
  func attention(_ pattern: AttentionPattern) throws {
    try ModuleContract.check(
      MultiHeadAttention(dimension: 4, headCount: 2, dropout: Dropout(0.2), key: key).awakened,
      lengths: lengths + [0], dimension: 4
    ) { module, packed, mode in
      module(packed.states, layout: packed.layout, pattern: pattern, mode: mode)
    }
  }

  @Test("Rotary attention without biases", arguments: [AttentionPattern.full, .window(radius: 1)])
  func rotaryAttention(_ pattern: AttentionPattern) throws {
    try ModuleContract.check(
      MultiHeadAttention(
        dimension: 8, headCount: 2, hasBias: false, dropout: Dropout(0.2), key: key
      ).awakened, lengths: lengths + [0], dimension: 8
    ) { module, packed, mode in
      module(
        packed.states, layout: packed.layout, pattern: pattern,
        rotation: RotaryPositions(
          packed.layout.positions(), base: 100, headWidth: 4, precision: packed.states.precision),
        mode: mode)
    }
  }

  @Test("Residual connections", arguments: NormPlacement.allCases)
  func residual(_ placement: NormPlacement) throws {
    try ModuleContract.check(
      ResidualConnection(
        dimension: 4, epsilon: 1e-5, normPlacement: placement, dropout: Dropout(0.3)
      ).awakened, lengths: lengths, dimension: 4
    ) { module, packed, mode in
      module(packed.states, mode: mode) { $0.activated(by: .tanh) }
    }
  }

  @Test("Encoder layers", arguments: NormPlacement.allCases)
  func encoderLayer(_ placement: NormPlacement) throws {
    let settings = TransformerLayerSettings(
      modelDimension: 6, headCount: 3, feedForwardDimension: 8, normPlacement: placement,
      epsilon: 1e-5)
    try ModuleContract.check(
      TransformerEncoderLayer(settings, key: key).awakened, lengths: lengths, dimension: 6
    ) { module, packed, mode in module(packed.states, layout: packed.layout, mode: mode) }
  }

  @Test("Encoder layers with gates and without biases, the first without a norm")
  func modernLayer() throws {
    var settings = TransformerLayerSettings(
      modelDimension: 4, headCount: 2, feedForwardDimension: 6, normPlacement: .pre, epsilon: 1e-5)
    settings.isGated = true
    settings.hasAttentionBias = false
    settings.hasFeedForwardBias = false
    settings.hasNormBias = false
    settings.feedForwardDropout = 0.2
    settings.attentionOutputDropout = 0.3
    for placement in NormPlacement.allCases {
      settings.normPlacement = placement
      var layer = TransformerEncoderLayer(settings, key: key).awakened
      layer.selfAttentionResidual.norm = nil
      try ModuleContract.check(layer, lengths: lengths, dimension: 4) { module, packed, mode in
        module(packed.states, layout: packed.layout, pattern: .window(radius: 2), mode: mode)
      }
      #expect(layer.namedTensors.allSatisfy { !$0.name.hasSuffix("bias") })
    }
  }

  @Test("Pooling", arguments: PoolingKind.allCases)
  func pooling(_ kind: PoolingKind) throws {
    try ModuleContract.check(
      Pooling(kind, dimension: 4, key: key).awakened, lengths: lengths + [0], dimension: 4
    ) { module, packed, _ in module(packed) }
  }

  @Test("Pooling behind a prompt", arguments: PoolingKind.allCases)
  func poolingBehindPrompt(_ kind: PoolingKind) throws {
    try ModuleContract.check(
      Pooling(kind, dimension: 4, key: key).awakened, lengths: lengths + [0, 2], dimension: 4
    ) { module, packed, _ in module(packed, skipping: 2) }
  }

  @Test("Classification heads", arguments: [true, false])
  func head(hasPooler: Bool) throws {
    try ModuleContract.check(
      ClassificationHead(
        dimension: 4, labelCount: 3, hasPooler: hasPooler, dropout: Dropout(0.2), key: key
      ).awakened, lengths: lengths, dimension: 4
    ) { module, packed, mode in module(packed.states, mode: mode) }
  }

  @Test func classifier() throws {
    try ModuleContract.check(
      SmallEncoder.classifier(pooling: .attention, hasPooler: true).awakened,
      tokens: [[3, 1, 4], [2], [6, 5]]
    ) { module, batch, mode in module.logits(batch, mode: mode) }
  }

  @Test("A property that is not visited, or visited under another name, is found")
  func violations() {
    #expect(throws: Disagreement.self) { try ModuleContract.checkListing(of: Forgetful()) }
    #expect(throws: Disagreement.self) { try ModuleContract.checkListing(of: Misnamed()) }
    #expect(throws: Disagreement.self) { try ModuleContract.checkListing(of: Copying()) }
    #expect(throws: Disagreement.self) {
      try ModuleContract.check(Unused(), lengths: [2], dimension: 2) { _, packed, _ in
        packed.states
      }
    }
    #expect(throws: Disagreement.self) {
      try ModuleContract.check(Unused(), lengths: [2, 1], dimension: 2) { module, packed, _ in
        packed.states.addingToRows(module.a).scaled(by: Double(packed.layout.count))
      }
    }
  }
}

private struct Forgetful: Module {
  var a = Linear(input: 2, output: 2, key: RandomKey(seed: 1))
  var parts: [Embedding] = [Embedding(weight: .zeros([1, 1]))]
  mutating func visitParameters(_ visit: ParameterVisitor) { visit("a", &a) }
}

private struct Misnamed: Module {
  var a = Tensor.zeros([2])
  mutating func visitParameters(_ visit: ParameterVisitor) { visit("b", &a) }
}

private struct Copying: Module {
  var a = Tensor.zeros([2])
  mutating func visitParameters(_ visit: ParameterVisitor) {
    let held = a
    withExtendedLifetime(held) { visit("a", &a) }
  }
}

private struct Unused: Module {
  var a = Tensor.zeros([2])
  mutating func visitParameters(_ visit: ParameterVisitor) { visit("a", &a) }
}
