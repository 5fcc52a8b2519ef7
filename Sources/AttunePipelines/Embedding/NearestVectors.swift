// SPDX-License-Identifier: Apache-2.0

public import AttuneModels
internal import AttuneTensors

/// A vector near to another.
public struct Neighbour: Sendable, Hashable {
  /// The row of the vector, from 0.
  public let row: Int
  /// How alike the two are.
  public let similarity: Float
}

/// Finds those of many vectors that are most like given ones; the many are seen once, part by part, and not kept.
public struct NearestVectors: Sendable {
  private let queries: Tensor
  private let similarity: EmbeddingSimilarity
  private let limit: Int
  private var found: [[Neighbour]]
  private var rowCount = 0

  /// A search for the `limit` vectors most like each of `queries`, whose numbers stand row by row.
  public init(
    queries: [Float], dimension: Int, similarity: EmbeddingSimilarity = .cosine, limit: Int
  ) {
    precondition(dimension > 0 && queries.count.isMultiple(of: dimension), "queries are no rows")
    precondition(limit > 0, "a search for \(limit) vectors")
    let rows = Tensor(queries, shape: [queries.count / dimension, dimension])
    self.queries = similarity == .cosine ? rows.rowsNormalized() : rows
    self.similarity = similarity
    self.limit = limit
    found = [[Neighbour]](repeating: [], count: rows.rowCount)
  }

  /// Looks at the next vectors, whose numbers stand row by row.
  public mutating func search(_ vectors: [Float]) {
    let dimension = queries.columnCount
    precondition(vectors.count.isMultiple(of: dimension), "vectors are no rows")
    let rows = Tensor(vectors, shape: [vectors.count / dimension, dimension])
    let scores = scores(of: rows)
    for row in 0..<rows.rowCount {
      for query in found.indices {
        insert(
          Neighbour(row: rowCount + row, similarity: scores[row * found.count + query]),
          for: query)
      }
    }
    rowCount += rows.rowCount
  }

  /// The vectors most like a query, the most alike first; of equals the earlier one.
  public func neighbours(of query: Int) -> [Neighbour] { found[query] }

  /// [rows, dimension] -> rows x queries
  private func scores(of rows: Tensor) -> [Float] {
    switch similarity {
    case .cosine: return rows.rowsNormalized().linear(weight: queries, bias: nil).values
    case .dot: return rows.linear(weight: queries, bias: nil).values
    case .euclidean, .manhattan:
      let (values, others) = (rows.values, queries.values)
      let (width, count) = (queries.columnCount, queries.rowCount)
      return Parallel.map(rows.rowCount * count, chunk: 64) { place in
        let (row, query) = (place / count * width, place % count * width)
        return similarity(values[row..<row + width], others[query..<query + width])
      }
    }
  }

  private mutating func insert(_ candidate: Neighbour, for query: Int) {
    if found[query].count == limit {
      guard let worst = found[query].last, candidate.similarity > worst.similarity else { return }
      found[query].removeLast()
    }
    // Of equals the one that was seen first stays first.
    let place = found[query].lastIndex { $0.similarity >= candidate.similarity }
    found[query].insert(candidate, at: place.map { $0 + 1 } ?? 0)
  }
}
