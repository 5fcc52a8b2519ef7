// SPDX-License-Identifier: Apache-2.0

public import AttuneData
internal import AttunePipelines

/// The caption of the training vector that points most nearly in the same direction: what anybody can have without learning,
/// and so the least that a captioner must beat.
public struct NearestCaption: Sendable, Hashable {
  /// The first caption of the vector.
  public let caption: String
  /// The row of the vector in the training data.
  public let row: Int
  /// The cosine of the angle to it.
  public let similarity: Double

  /// Vectors whose scores are compared at a time.
  private static let block = 1_024
  /// Nearest in Float32, among which Double decides: so that equal vectors are equally near.
  private static let candidateCount = 8

  /// Returns what stands nearest to some items; of equally near ones, the first row.
  ///
  /// A sequence of vectors is compared by its mean.
  ///
  /// - Parameters:
  ///   - items: The items of `vectors`; nil: all.
  ///   - rows: The rows that may be copied from, in rising order, each with a caption; nil: all that have one.
  public static func find(
    for vectors: FeatureVectors, items: [Int]? = nil, in training: CaptionedVectors,
    rows: [Int]? = nil
  ) throws -> [NearestCaption] {
    try vectors.requireDimension(training.vectors.dimension)
    let (items, rows) = (items ?? Array(0..<vectors.count), rows ?? training.captionedRows)
    precondition(!rows.isEmpty, "no row to copy from")
    guard !items.isEmpty else { return [] }
    let dimension = vectors.dimension
    let queries = try vectors.batch(items).means
    var search = NearestVectors(
      queries: queries, dimension: dimension, limit: candidateCount)
    for start in stride(from: 0, to: rows.count, by: block) {
      search.search(try training.vectors.batch(rows[start...].prefix(block)).means)
    }
    return try items.indices.map { index in
      let query = queries[index * dimension..<(index + 1) * dimension]
      let found = try search.neighbours(of: index).map { neighbour in
        let row = rows[neighbour.row]
        return NearestCaption(
          caption: training.captions[row].first ?? "", row: row,
          similarity: cosine(query, try training.vectors.batch([row]).means[...]))
      }
      return found.reduce(found[0]) { $1.isBetter(than: $0) ? $1 : $0 }
    }
  }

  private func isBetter(than other: NearestCaption) -> Bool {
    similarity != other.similarity ? similarity > other.similarity : row < other.row
  }

  private static func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
    var (product, squares, others) = (0.0, 0.0, 0.0)
    for (a, b) in zip(a, b) {
      product += Double(a) * Double(b)
      squares += Double(a) * Double(a)
      others += Double(b) * Double(b)
    }
    return squares > 0 && others > 0 ? product / (squares * others).squareRoot() : 0
  }
}

extension FeatureBatch {
  /// The mean vector of each item, end to end.
  fileprivate var means: [Float] {
    if positionCounts.allSatisfy({ $0 == 1 }) { return values }
    var means: [Float] = []
    means.reserveCapacity(positionCounts.count * dimension)
    var start = 0
    for count in positionCounts {
      var sums = [Double](repeating: 0, count: dimension)
      for position in start..<start + count {
        for column in 0..<dimension {
          sums[column] += Double(values[position * dimension + column])
        }
      }
      means += sums.map { Float($0 / Double(count)) }
      start += count
    }
    return means
  }
}
