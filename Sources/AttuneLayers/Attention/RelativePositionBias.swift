// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
public import AttuneTensors

/// How distances between a query and a key are grouped: near ones each alone, farther ones in ever wider groups up to
/// `maximumDistance`, keys before and after the query apart (Raffel et al. 2020, section 2.1).
public struct DistanceBuckets: Sendable, Hashable {
  /// Number of buckets, keys before the query and after it together; a multiple of 4.
  public var count: Int
  /// Keys this far away and all beyond share the last bucket of their side.
  public var maximumDistance: Int

  /// Buckets; the defaults are T5's and MPNet's.
  public init(count: Int = 32, maximumDistance: Int = 128) {
    self.count = count
    self.maximumDistance = maximumDistance
  }

  /// Returns the bucket of a distance, key position - query position.
  public func bucket(of distance: Int) -> Int {
    let perSide = count / 2
    let alone = perSide / 2
    let size = abs(distance)
    let side = distance > 0 ? perSide : 0
    guard size >= alone else { return side + size }
    // In Float32, as the programs do whose tables are read: at a border the rounding decides.
    let growth = Float(log(Double(size) / Double(alone)))
    let range = Float(log(Double(maximumDistance) / Double(alone)))
    return side + min(perSide - 1, alone + Int(growth / range * Float(perSide - alone)))
  }
}

/// A trained number for each head and bucket of distances, added to the scores of attention; layers may share it.
public struct RelativePositionBias: Module {
  /// [buckets, heads]
  public var weight: Tensor
  /// Which distances share a number.
  public let buckets: DistanceBuckets

  /// A table drawn from a truncated normal distribution.
  public init(
    buckets: DistanceBuckets = DistanceBuckets(), headCount: Int, standardDeviation: Float = 0.02,
    key: RandomKey
  ) {
    weight = .truncatedNormal(
      [buckets.count, headCount], standardDeviation: standardDeviation, key: key)
    self.buckets = buckets
  }

  /// The bias of attention within sequences of at most `length` positions.
  public func callAsFunction(length: Int) -> AttentionBias {
    let farthest = max(length - 1, 0)
    let rows = (-farthest...farthest).map { Int32(buckets.bucket(of: $0)) }
    return AttentionBias(table: weight.rows(rows).transposed(), origin: farthest)
  }

  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("weight", &weight)
  }
}
