// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneModels
import AttuneTensors
import TestSupport
import Testing

@Suite("LSTM encoder")
struct LSTMEncoderTests {
  @Test("A classifier on an LSTM keeps the contract of modules", arguments: [false, true])
  func classifier(isBidirectional: Bool) throws {
    let encoder = LSTMEncoder(
      vocabularySize: 6, embeddingDimension: 3, units: 2, layerCount: 2,
      isBidirectional: isBidirectional, dropout: Dropout(0.2), key: RandomKey(seed: 1))
    let dimension = isBidirectional ? 4 : 2
    let classifier = SequenceClassifier(
      encoder: encoder, pooling: Pooling(.mean, dimension: dimension, key: RandomKey(seed: 2)),
      head: ClassificationHead(
        dimension: dimension, labelCount: 3, hasPooler: false, dropout: Dropout(0.1),
        key: RandomKey(seed: 3)))
    try ModuleContract.check(classifier, tokens: [[1, 2, 3], [5], [4, 4, 0, 1]]) {
      $0.logits($1, mode: $2)
    }
  }
}
