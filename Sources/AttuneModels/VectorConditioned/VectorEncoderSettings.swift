// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers

/// What an item with a caption is.
public enum VectorForm: String, Sendable, Hashable, Codable, CaseIterable {
  /// One vector.
  case vector
  /// Several vectors in an order: a feature map, or a series.
  case sequence
}

/// How vectors become positions that a decoder attends to.
public struct VectorEncoderSettings: Sendable, Hashable {
  /// Numbers of a vector.
  public var dimension: Int
  /// What an item is.
  public var form: VectorForm
  /// What is done to vectors first.
  public var scaling: VectorScaling
  /// Positions that each vector is projected to.
  public var positionsPerVector: Int
  /// The transformer behind the projection; nil: there is none.
  public var mapping: VectorMappingSettings?
  /// Dropout rate of the scaled vectors.
  public var dropout: Float

  /// Settings for vectors of `dimension` numbers; a projection alone unless `mapping` is given.
  public init(
    dimension: Int, form: VectorForm = .vector, scaling: VectorScaling = .standard,
    positionsPerVector: Int? = nil, mapping: VectorMappingSettings? = nil, dropout: Float = 0
  ) {
    self.dimension = dimension
    self.form = form
    self.scaling = scaling
    self.positionsPerVector = positionsPerVector ?? (form == .vector ? 4 : 1)
    self.mapping = mapping
    self.dropout = dropout
  }
}

/// The sizes of a mapping transformer; it is as wide as the decoder, and of the same kind of layers.
public struct VectorMappingSettings: Sendable, Hashable {
  /// Learned constants, each of which becomes a position of the memory.
  public var constantCount: Int
  public var layerCount: Int
  public var headCount: Int
  public var feedForwardDimension: Int

  /// A mapping of the given sizes.
  public init(constantCount: Int, layerCount: Int, headCount: Int, feedForwardDimension: Int) {
    self.constantCount = constantCount
    self.layerCount = layerCount
    self.headCount = headCount
    self.feedForwardDimension = feedForwardDimension
  }

  func layer(for decoder: TransformerLayerSettings) -> TransformerLayerSettings {
    var layer = decoder
    layer.headCount = headCount
    layer.feedForwardDimension = feedForwardDimension
    return layer
  }
}
