// SPDX-License-Identifier: Apache-2.0

import AttuneModels
import AttunePipelines
import TestSupport
import Testing

@Suite("The nearest of many vectors")
struct NearestVectorsTests {
  @Test(
    "They are those that sorting all by similarity gives, whatever the parts",
    arguments: EmbeddingSimilarity.allCases, [1, 7, 100])
  func sorted(_ similarity: EmbeddingSimilarity, part: Int) {
    var generator = SplitMix(seed: 4)
    // Few different numbers, so that vectors repeat and similarities tie.
    let rows = (0..<100).map { _ in
      (0..<3).map { _ in Float(Int.random(in: 1...2, using: &generator)) }
    }
    let queries = Array(rows[..<4])
    var search = NearestVectors(
      queries: queries.flatMap { $0 }, dimension: 3, similarity: similarity, limit: 9)
    for first in stride(from: 0, to: rows.count, by: part) {
      search.search(rows[first..<min(first + part, rows.count)].flatMap { $0 })
    }
    for (index, query) in queries.enumerated() {
      let found = search.neighbours(of: index)
      let best = rows.map { similarity(query, $0) }.sorted(by: >).prefix(9)
      #expect(found.count == 9)
      for (neighbour, expected) in zip(found, best) {
        #expect(abs(neighbour.similarity - expected) < 1e-5)
        #expect(abs(similarity(query, rows[neighbour.row]) - expected) < 1e-5)
      }
      for (a, b) in zip(found, found.dropFirst()) where a.similarity == b.similarity {
        #expect(a.row < b.row)
      }
    }
  }

  @Test("Fewer vectors than wanted are all found")
  func few() {
    var search = NearestVectors(queries: [1, 0], dimension: 2, limit: 5)
    search.search([0, 1, 1, 0])
    #expect(search.neighbours(of: 0).map(\.row) == [1, 0])
  }

  @Test("Similarities are those of their formulas")
  func formulas() {
    let (a, b): ([Float], [Float]) = ([3, 4], [4, -3])
    #expect(EmbeddingSimilarity.cosine(a, b) == 0 && EmbeddingSimilarity.cosine(a, a) == 1)
    #expect(EmbeddingSimilarity.cosine(a, [0, 0]) == 0)
    #expect(EmbeddingSimilarity.dot(a, a) == 25 && EmbeddingSimilarity.dot(a, b) == 0)
    #expect(EmbeddingSimilarity.euclidean(a, [0, 0]) == -5)
    #expect(EmbeddingSimilarity.manhattan(a, b) == -8)
  }
}
