// SPDX-License-Identifier: Apache-2.0

internal import AttuneTensors

/// A linear map between vectors of different lengths that keeps as much of their geometry as there is room for.
struct VectorProjection {
  /// One row for each number of the result, orthonormal one to the other where there are not more than numbers come in.
  private let rows: [[Double]]

  /// Share of the vectors' squared lengths that is kept.
  let keptShare: Double

  /// A map for vectors like the given ones, which have mean zero.
  ///
  /// Into fewer numbers it keeps the directions in which the vectors differ most (principal components, found by orthogonal
  /// iteration), turned by chance so that no number of the result is larger than the others; no other map loses less. Into more
  /// numbers it is a random one that changes no length and no angle.
  init(of vectors: [[Float]], from width: Int, to count: Int, key: RandomKey) {
    guard count != width else {
      rows = []
      keptShare = 1
      return
    }
    guard count < width else {
      let columns = Self.orthonormal(Self.drawn(width, of: count, key))
      rows = (0..<count).map { row in columns.map { $0[row] } }
      keptShare = 1
      return
    }
    let covariance = Self.covariance(of: vectors, width)
    var rows = Self.orthonormal(Self.drawn(count, of: width, key))
    for _ in 0..<Self.iterationCount {
      rows = Self.orthonormal(rows.map { Self.product(covariance, $0) })
    }
    let turns = Self.orthonormal(Self.drawn(count, of: count, key.place(1)))
    self.rows = turns.map { turn in
      var mixed = [Double](repeating: 0, count: width)
      for (factor, row) in zip(turn, rows) { Self.add(row, times: factor, to: &mixed) }
      return mixed
    }
    let total = covariance.indices.reduce(0) { $0 + covariance[$1][$1] }
    let kept = rows.reduce(0) { $0 + Self.dot($1, Self.product(covariance, $1)) }
    keptShare = total > 0 ? kept / total : 1
  }

  /// The components are far apart where they matter, so few iterations find them.
  private static let iterationCount = 40

  func callAsFunction(_ vector: [Float]) -> [Float] {
    guard !rows.isEmpty else { return vector }
    let wide = vector.map { Double($0) }
    return rows.map { Float(Self.dot($0, wide)) }
  }

  /// Random rows, from the normal distribution.
  private static func drawn(_ count: Int, of width: Int, _ key: RandomKey) -> [[Double]] {
    (0..<count).map { row in
      (0..<width).map { Double(key.place(UInt64(row)).normal(at: UInt64($0))) }
    }
  }

  private static func covariance(of vectors: [[Float]], _ width: Int) -> [[Double]] {
    var sums = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
    for vector in vectors {
      let wide = vector.map { Double($0) }
      for row in 0..<width where wide[row] != 0 { add(wide, times: wide[row], to: &sums[row]) }
    }
    return sums
  }

  /// Orthonormal rows that span the same (Gram and Schmidt, twice, which makes up for rounding).
  private static func orthonormal(_ rows: [[Double]]) -> [[Double]] {
    var result: [[Double]] = []
    for row in rows {
      var rest = row
      for _ in 0..<2 {
        for other in result { add(other, times: -dot(other, rest), to: &rest) }
      }
      let length = dot(rest, rest).squareRoot()
      // Where the vectors span less, what is left has nothing to keep.
      result.append(length > 1e-12 ? rest.map { $0 / length } : rest.map { _ in 0 })
    }
    return result
  }

  private static func product(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
    matrix.map { dot($0, vector) }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  private static func add(_ a: [Double], times factor: Double, to sum: inout [Double]) {
    for index in a.indices { sum[index] += factor * a[index] }
  }
}
