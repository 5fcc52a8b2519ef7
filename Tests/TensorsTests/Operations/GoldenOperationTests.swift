// SPDX-License-Identifier: Apache-2.0

import AttuneTensors
import TestSupport
import Testing

/// Results and gradients of PyTorch in float64, at 1e-10 in Double and 1e-5 in Float32.
@Suite("Operations agree with PyTorch")
struct GoldenOperationTests {
  private func golden(_ name: String) throws -> GoldenCase {
    try GoldenCase(name, in: "Layers/operations.json")
  }

  @Test("Linear maps with each activation", arguments: Activation.allCases)
  func linear(_ activation: Activation) throws {
    try golden("linear \(activation.rawValue)").expectAgreement {
      $0["x"].linear(weight: $0["weight"], bias: $0["bias"], then: activation)
    }
  }

  @Test("Activations alone", arguments: Activation.allCases)
  func activated(_ activation: Activation) throws {
    try golden("linear \(activation.rawValue)").expectAgreement {
      $0["x"].linear(weight: $0["weight"], bias: $0["bias"]).activated(by: activation)
    }
  }

  @Test("Feed-forward nets with each activation", arguments: Activation.allCases)
  func feedForward(_ activation: Activation) throws {
    try golden("feedForward \(activation.rawValue)").expectAgreement {
      $0["x"].feedForward(
        expand: ($0["w1"], $0["b1"]), activation: activation, contract: ($0["w2"], $0["b2"]))
    }
  }

  @Test func layerNorm() throws {
    try golden("layerNorm").expectAgreement {
      $0["x"].layerNormalized(weight: $0["weight"], bias: $0["bias"], epsilon: 1e-5)
    }
  }

  @Test("Layer norm of a sum, fused and in two operations", arguments: [true, false])
  func layerNormOfSum(_ isFused: Bool) throws {
    try golden("layerNorm of a sum").expectAgreement {
      isFused
        ? $0["x"].layerNormalized(
          addedTo: $0["residual"], dropout: nil, weight: $0["weight"], bias: $0["bias"],
          epsilon: 1e-5)
        : ($0["x"] + $0["residual"])
          .layerNormalized(weight: $0["weight"], bias: $0["bias"], epsilon: 1e-5)
    }
  }

  @Test func batchNorm() throws {
    try golden("batchNorm").expectAgreement {
      $0["x"].batchNormalized(weight: $0["weight"], bias: $0["bias"], epsilon: 1e-5).result
    }
  }

  @Test func softmax() throws {
    try golden("softmax").expectAgreement { $0["x"].softmax() }
  }

  @Test func concatenations() throws {
    try golden("columns").expectAgreement { .concatenatingColumns([$0["a"], $0["b"], $0["c"]]) }
    try golden("rows").expectAgreement { .concatenatingRows([$0["a"], $0["b"]]) }
  }

  @Test func embedding() throws {
    let golden = try golden("embedding")
    let (ids, others) = (try golden.ids("ids"), try golden.ids("others"))
    try golden.expectAgreement {
      .embedding([(table: $0["a"], ids: ids), (table: $0["b"], ids: others)])
    }
  }

  @Test func chosenRows() throws {
    let golden = try golden("chosen rows")
    let ids = try golden.ids("ids")
    try golden.expectAgreement { $0["x"].rows(ids) }
  }

  @Test func crossEntropy() throws {
    let plain = try golden("crossEntropy")
    let classes = try plain.ids("classes")
    try plain.expectAgreement { $0["x"].crossEntropy(CrossEntropyTargets(classes)) }
    let smoothed = try golden("crossEntropy smoothed and weighted")
    let weights = try smoothed.numbers("weights")
    let targets = CrossEntropyTargets(classes, labelSmoothing: 0.125, weights: weights)
    try smoothed.expectAgreement { $0["x"].crossEntropy(targets) }
  }

  @Test("Cross-entropy of a projection, over several chunks of rows", arguments: [true, false])
  func projectedCrossEntropy(_ isFused: Bool) throws {
    let targets = CrossEntropyTargets(
      (0..<1100).map { Int32(($0 * 7) % 6 - 1) }, labelSmoothing: 0.125,
      weights: (0..<1100).map { Float($0 % 5) * 0.25 })
    try golden("projectedCrossEntropy").expectAgreement {
      isFused
        ? $0["x"].projectedCrossEntropy(table: $0["table"], bias: $0["bias"], targets)
        : $0["x"].linear(weight: $0["table"], bias: $0["bias"]).crossEntropy(targets)
    }
  }

  @Test func outputLosses() throws {
    func targets(_ golden: GoldenCase, like x: Tensor) throws -> Tensor {
      Tensor(doubles: try golden.exactNumbers("targets"), shape: x.shape).converted(to: x.precision)
    }
    let distributions = try golden("crossEntropy of distributions")
    let weights = try distributions.numbers("weights")
    try distributions.expectAgreement {
      $0["x"].crossEntropy(
        distributions: try targets(distributions, like: $0["x"]), weights: weights)
    }
    for name in ["binaryCrossEntropy", "binaryCrossEntropy of large logits"] {
      let binary = try golden(name)
      try binary.expectAgreement {
        $0["x"].binaryCrossEntropy(try targets(binary, like: $0["x"]))
      }
    }
    let squared = try golden("squaredError")
    try squared.expectAgreement { $0["x"].squaredError(try targets(squared, like: $0["x"])) }
  }

  @Test func pooling() throws {
    let mean = try golden("pooling mean")
    let layout = try mean.layout("lengths")
    try mean.expectAgreement { $0["x"].segmentMean(layout) }
    try golden("pooling max").expectAgreement { $0["x"].segmentMaximum(layout) }
    try golden("pooling first").expectAgreement {
      $0["x"].rows(layout.offsets.dropLast().map { Int32($0) })
    }
    try golden("pooling attention").expectAgreement {
      $0["x"].segmentWeighted(by: $0["score"], layout)
    }
  }

  @Test(
    "LSTM over a ragged batch",
    arguments: [("lstm", false, nil), ("lstm reversed", true, nil), ("lstm truncated", false, 2)])
  func lstm(_ name: String, isReversed: Bool, truncation: Int?) throws {
    let golden = try golden(name)
    let time = TimeMajorLayout(try golden.layout("lengths"), isReversed: isReversed)
    let places = time.sequences.map { Int32($0) }
    try golden.expectAgreement {
      let initial = LSTMState(hidden: $0["hidden"].rows(places), cell: $0["cell"].rows(places))
      return $0["x"].rows(time.packedRows)
        .linear(weight: $0["weight_ih"], bias: $0["bias_ih"])
        .addingToRows($0["bias_hh"])
        .lstm(recurrent: $0["weight_hh"], initial: initial, over: time, truncation: truncation)
        .hidden.rows(time.timeMajorRows)
    }
  }
}
