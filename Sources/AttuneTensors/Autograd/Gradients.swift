// SPDX-License-Identifier: Apache-2.0

/// Gradients by parameter name.
public struct Gradients: Sendable {
  /// The gradient of each parameter that the loss depends on.
  public var byName: [String: Gradient]

  /// No gradients.
  public init() { byName = [:] }

  /// The gradient of one parameter; nil when the loss does not depend on it.
  public subscript(name: String) -> Gradient? { byName[name] }

  /// Euclidean length of all gradients together, summed in the order of the names.
  public var norm: Double {
    byName.keys.sorted().reduce(0) { $0 + (byName[$1]?.sumOfSquares ?? 0) }.squareRoot()
  }

  /// Adds the gradients of another micro-batch.
  public mutating func add(_ other: Gradients) {
    for (name, gradient) in other.byName { add(gradient, to: name) }
  }

  mutating func add(_ gradient: Gradient, to name: String) {
    // Taken out first, so that the sum can be formed in place.
    if var present = byName.removeValue(forKey: name) {
      present.add(gradient)
      byName[name] = present
    } else {
      byName[name] = gradient
    }
  }

  /// Returns every gradient multiplied by `factor`.
  public func scaled(by factor: Double) -> Gradients {
    var result = Gradients()
    result.byName = byName.mapValues { $0.scaled(by: factor) }
    return result
  }

  /// Scales all gradients so that their norm is at most `bound`; returns the norm before.
  @discardableResult
  public mutating func clip(toNorm bound: Double) -> Double {
    let norm = norm
    if norm > bound { self = scaled(by: bound / norm) }
    return norm
  }
}
