// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// A vector for each id.
public struct Embedding: Module {
  /// [entries, dimension]
  public var weight: Tensor

  /// A table of the given vectors.
  public init(weight: Tensor) { self.weight = weight }

  /// A table drawn from a truncated normal distribution.
  public init(entries: Int, dimension: Int, standardDeviation: Float = 0.02, key: RandomKey) {
    self.init(
      weight: .truncatedNormal(
        [entries, dimension], standardDeviation: standardDeviation, key: key))
  }

  /// ids -> [ids, dimension]
  public func callAsFunction(_ ids: [Int32]) -> Tensor {
    .embedding([(table: weight, ids: ids)])
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
  }
}
