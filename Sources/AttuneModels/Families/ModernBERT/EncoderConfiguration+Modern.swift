// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers

extension EncoderConfiguration {
  /// A new encoder of ModernBERT's make (Warner et al. 2024): rotary positions, GeGLU, norms in front and no biases; of three layers
  /// the first sees whole sequences and the others a window.
  ///
  /// - Parameters:
  ///   - headCount: Each head has an even number of columns.
  ///   - window: Positions that a local layer sees, half of them to either side of its own.
  public static func modern(
    vocabularySize: Int, layerCount: Int, modelDimension: Int, headCount: Int,
    feedForwardDimension: Int, maximumLength: Int = 8192, window: Int = 128, paddingID: Int = 0
  ) -> EncoderConfiguration {
    precondition(
      modelDimension.isMultiple(of: 2 * headCount),
      "\(headCount) heads of \(modelDimension) columns cannot turn in pairs")
    var layer = TransformerLayerSettings(
      modelDimension: modelDimension, headCount: headCount,
      feedForwardDimension: feedForwardDimension, normPlacement: .pre, epsilon: 1e-5, dropout: 0,
      attentionDropout: 0)
    layer.attentionOutputDropout = 0
    layer.isGated = true
    layer.hasAttentionBias = false
    layer.hasFeedForwardBias = false
    layer.hasNormBias = false
    var configuration = EncoderConfiguration(
      family: .modernBERT, vocabularySize: vocabularySize, layerCount: layerCount, layer: layer,
      positions: .rotary, maximumLength: maximumLength, segmentCount: 0, paddingID: paddingID)
    configuration.normsFirstInput = false
    configuration.embeddingDropout = 0
    configuration.rotaryBase = 160_000
    configuration.localLayers = LocalLayers(butEvery: 3, of: layerCount, radius: window / 2)
    configuration.head = HeadSettings()
    return configuration
  }
}
