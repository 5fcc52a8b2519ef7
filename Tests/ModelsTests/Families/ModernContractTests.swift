// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import TestSupport
import Testing

@testable import AttuneModels

@Suite("Encoders with windows, turns, gates and shared biases keep the contract")
struct ModernContractTests {
  private let tokens: [[Int32]] = [[3, 1, 4, 1, 5, 9, 2, 6, 5], [7], [3, 5, 8]]

  @Test("A ModernBERT with every dropout")
  func modernBERT() throws {
    var configuration = EncoderConfiguration.modern(
      vocabularySize: 10, layerCount: 2, modelDimension: 4, headCount: 1, feedForwardDimension: 3,
      maximumLength: 9, window: 4)
    configuration.embeddingDropout = 0.1
    configuration.layer.attentionDropout = 0.2
    configuration.layer.attentionOutputDropout = 0.2
    configuration.layer.feedForwardDropout = 0.3
    configuration.embeddingDeviation = 1
    try ModuleContract.check(
      TransformerEncoder(configuration, key: RandomKey(seed: 1)), tokens: tokens
    ) { module, batch, mode in module.encode(batch, mode: mode).states }
  }

  @Test("An MPNet, whose layers share a bias by distance")
  func mpnet() throws {
    var configuration = EncoderConfiguration(
      family: .mpnet, vocabularySize: 10, layerCount: 2,
      layer: TransformerLayerSettings(
        modelDimension: 4, headCount: 2, feedForwardDimension: 3, epsilon: 1e-5),
      maximumLength: 9, segmentCount: 0, paddingID: 1, embeddingDeviation: 1)
    configuration.relativeBuckets = DistanceBuckets(count: 8, maximumDistance: 6)
    try ModuleContract.check(
      TransformerEncoder(configuration, key: RandomKey(seed: 1)), tokens: tokens
    ) { module, batch, mode in module.encode(batch, mode: mode).states }
  }
}
