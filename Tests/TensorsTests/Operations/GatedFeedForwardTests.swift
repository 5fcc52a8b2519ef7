// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import TestSupport
import Testing

@Suite("Gated feed-forward nets")
struct GatedFeedForwardTests {
  @Test("Results and gradients agree with PyTorch", arguments: Activation.allCases)
  func golden(_ activation: Activation) throws {
    try GoldenCase("gatedFeedForward \(activation.rawValue)", in: "Layers/operations.json")
      .expectAgreement {
        $0["x"].gatedFeedForward(
          expand: ($0["w1"], $0["b1"]), activation: activation, contract: ($0["w2"], $0["b2"]))
      }
  }

  @Test("The gate alone, between two maps", arguments: Activation.allCases)
  func inParts(_ activation: Activation) throws {
    try GoldenCase("gatedFeedForward \(activation.rawValue)", in: "Layers/operations.json")
      .expectAgreement {
        $0["x"].linear(weight: $0["w1"], bias: $0["b1"]).gated(by: activation)
          .linear(weight: $0["w2"], bias: $0["b2"])
      }
  }

  @Test(
    "Derivatives without biases, with dropout between the maps",
    arguments: [(0, 3), (1, 1), (3, 17), (40, 16)])
  func dropped(_ rows: Int, _ width: Int) throws {
    let tensors = [
      "x": Tensor.drawn([rows, 5], seed: 1), "w1": .drawn([2 * width, 5], seed: 2),
      "w2": .drawn([4, width], seed: 3),
    ]
    let draw = DropoutDraw(rate: 0.4, key: RandomKey(seed: 1))
    try expectGradients(of: tensors) {
      $0["x"].gatedFeedForward(
        expand: ($0["w1"], nil), activation: .gelu, dropout: draw, contract: ($0["w2"], nil))
    }
    let tensor = NamedTensors(tensors)
    let fused = tensor["x"].gatedFeedForward(
      expand: (tensor["w1"], nil), activation: .gelu, dropout: draw, contract: (tensor["w2"], nil))
    let apart = tensor["x"].linear(weight: tensor["w1"], bias: nil).gated(by: .gelu).dropped(draw)
      .linear(weight: tensor["w2"], bias: nil)
    #expect(relativeDistance(fused.doubles, apart.doubles) < 1e-14)
  }

  @Test("Products that are cut into several tasks")
  func largeProducts() throws {
    let tensors = [
      "x": Tensor.drawn([200, 48], seed: 1), "w1": .drawn([192, 48], seed: 2, scale: 0.3),
      "b1": .drawn([192], seed: 3), "w2": .drawn([40, 96], seed: 4, scale: 0.3),
      "b2": .drawn([40], seed: 5),
    ]
    try expectGradients(of: tensors) {
      $0["x"].gatedFeedForward(
        expand: ($0["w1"], $0["b1"]), activation: .gelu, contract: ($0["w2"], $0["b2"]))
    }
  }
}
