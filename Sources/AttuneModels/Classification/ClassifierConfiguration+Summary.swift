// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers

extension ClassifierConfiguration {
  /// The architecture in one line.
  public var summary: String {
    let layer = encoder.layer
    var parts = [
      "\(encoder.layerCount) layer\(encoder.layerCount == 1 ? "" : "s") of \(layer.modelDimension)",
      "\(layer.headCount) heads",
      "\(layer.isGated ? "gated " : "")feed-forward \(layer.feedForwardDimension)",
      "\(encoder.positions.rawValue) positions up to \(encoder.maximumLength)",
    ]
    if encoder.relativeBuckets != nil { parts.append("biased by distance") }
    if let local = encoder.localLayers, !local.indices.isEmpty {
      parts.append("windows of \(2 * local.radius + 1) in \(local.indices.count) of the layers")
    }
    parts += [
      "\(layer.normPlacement.rawValue)-norm", "\(pooling.rawValue) pooling",
      "vocabulary \(encoder.vocabularySize)",
    ]
    return parts.joined(separator: ", ")
  }
}
