// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers

extension ClassifierConfiguration {
  /// The architecture in one line.
  public var summary: String {
    let layer = encoder.layer
    return
      "\(encoder.layerCount) layer\(encoder.layerCount == 1 ? "" : "s") of \(layer.modelDimension), "
      + "\(layer.headCount) heads, feed-forward \(layer.feedForwardDimension), "
      + "\(encoder.positions.rawValue) positions up to \(encoder.maximumLength), "
      + "\(layer.normPlacement.rawValue)-norm, \(pooling.rawValue) pooling, "
      + "vocabulary \(encoder.vocabularySize)"
  }
}
