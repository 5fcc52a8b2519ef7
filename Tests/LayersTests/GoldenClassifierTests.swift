// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@Suite("A whole classifier agrees with PyTorch")
struct GoldenClassifierTests {
  @Test(
    "Logits, loss and the gradient of every parameter",
    arguments: [
      (NormPlacement.post, PoolingKind.first, true), (.post, .mean, false),
      (.pre, .attention, false), (.pre, .max, true),
    ])
  func agrees(_ placement: NormPlacement, _ pooling: PoolingKind, hasPooler: Bool) throws {
    let name = "\(placement.rawValue) \(pooling.rawValue)\(hasPooler ? " pooler" : "")"
    let golden = try GoldenCase(name, in: "Layers/classifier.json")
    let batch = TokenBatch([[3, 1, 4, 1, 5], [2], [6, 5, 3]])
    let module = SmallEncoder.classifier(
      pooling: pooling, hasPooler: hasPooler, normPlacement: placement)
    try golden.expectAgreement(of: module) {
      let logits = $0.logits(batch, mode: .inference)
      let loss = logits.crossEntropy(CrossEntropyTargets([0, 2, 1]))
      return .concatenatingRows([logits.reshaped([9, 1]), loss.reshaped([1, 1])])
    }
  }
}
