// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@Suite("Training is deterministic")
struct DeterminismTests {
  @Test("Loss and gradients of an encoder have the same bits with 1, 2, 3 and 4 threads")
  func threads() {
    let settings = TransformerLayerSettings(
      modelDimension: 96, headCount: 4, feedForwardDimension: 384)
    let key = RandomKey(seed: 7)
    let model = SequenceClassifier(
      encoder: SmallEncoder(
        vocabulary: 500, positions: 300, layerCount: 2, settings: settings, key: key.place(0)),
      pooling: Pooling(.mean, dimension: 96, key: key.place(1)),
      head: ClassificationHead(
        dimension: 96, labelCount: 5, hasPooler: true, dropout: Dropout(0.1), key: key.place(2)))
    let batch = TokenBatch(
      [300, 17, 130, 1, 260].map { length in (0..<length).map { Int32(($0 * 37 + length) % 500) } })
    let results = ThreadSweep.bytes {
      let (value, gradients) = valueAndGradients(of: model) {
        $0.logits(batch, mode: .training(TrainingPass(seed: 1, step: 2)))
          .crossEntropy(CrossEntropyTargets([0, 1, 2, 3, 4], labelSmoothing: 0.1))
      }
      return [value]
        + model.namedTensors.compactMap { name, tensor in
          gradients[name]?.dense(shape: tensor.shape)
        }
    }
    #expect(results.allSatisfy { $0.count == model.namedTensors.count + 1 })
    #expect(Set(results).count == 1)
  }
}
