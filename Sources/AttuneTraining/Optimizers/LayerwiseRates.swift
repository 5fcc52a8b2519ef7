// SPDX-License-Identifier: Apache-2.0

/// Learning rates that fall from the head of a pretrained model to its embeddings, which know most already (Howard and Ruder
/// 2018, section 3.2).
///
/// The top layer learns at the full rate, each layer below at `decay` times the rate of the one above, and the embeddings at
/// `decay` times that of the lowest layer. Only names that begin with `encoder.` take part.
public struct LayerwiseRates: Sendable, Hashable {
  /// Rate of a layer over that of the layer above it; 1: all learn alike.
  public let decay: Double
  /// Factor of the head's rate, since a new head has everything to learn.
  public let headFactor: Double
  /// Layers of the encoder.
  public let layerCount: Int

  /// The rates of an encoder with so many layers.
  public init(decay: Double = 1, headFactor: Double = 1, layerCount: Int) {
    self.decay = decay
    self.headFactor = headFactor
    self.layerCount = layerCount
  }

  /// The factor of the learning rate for the parameter of a name.
  public func factor(of name: String) -> Double {
    let steps = name.split(separator: ".")
    if steps.first == "head" { return headFactor }
    guard decay != 1, steps.count > 2, steps[0] == "encoder" else { return 1 }
    let depth: Int? =
      switch steps[1] {
      case "layers": Int(steps[2]).map { layerCount - 1 - $0 }
      case "embeddings": layerCount
      default: nil
      }
    return (0..<max(0, depth ?? 0)).reduce(1) { factor, _ in factor * decay }
  }
}
