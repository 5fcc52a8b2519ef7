// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import AttuneRecipes
import TestSupport
import Testing

@Suite("Captions of the nearest training vector")
struct NearestCaptionTests {
  private func emoji(_ part: String) throws -> CaptionedVectors {
    let start = Golden.path("../../datasets/emoji_\(part)_")
    return try CaptionedVectors(
      FeatureVectors(path: "\(start)features.npy"), CaptionTable(path: "\(start)captions.csv"))
  }

  private func training(
    _ values: [Float], dimension: Int, positionCounts: [Int]? = nil, _ captions: [(Int, String)]
  ) throws -> CaptionedVectors {
    try CaptionedVectors(
      FeatureVectors(values, dimension: dimension, positionCounts: positionCounts),
      CaptionTable(captions.map { Caption(row: $0, text: $1) }))
  }

  @Test("The nearest of the emoji are those that numpy finds, for any number of threads")
  func equalsReference() throws {
    let golden = try InputFile.json(of: Golden.path("Recipes/nearest_captions.json"))
    let (train, valid) = (try emoji("train"), try emoji("valid"))
    let results = try ThreadSweep.results { try NearestCaption.find(for: valid.vectors, in: train) }
    #expect(results[0].map(\.row) == (try golden.integers(at: "rows")))
    for (found, cosine) in zip(results[0], try golden.doubles(at: "cosines")) {
      #expect(abs(found.similarity - cosine) < 1e-12)
      #expect(found.caption == train.captions[found.row][0])
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test("Of equally near vectors the first row is copied, with its first caption")
  func ties() throws {
    let train = try training(
      [0, 1, 3, 3, 1, 1, -1, 0], dimension: 2,
      [(0, "up"), (2, "later"), (1, "first"), (1, "second"), (3, "left")])
    let found = try NearestCaption.find(
      for: FeatureVectors([2, 2, 0, 0, -5, 1], dimension: 2), in: train)
    #expect(found.map(\.row) == [1, 0, 3] && found.map(\.caption) == ["first", "up", "left"])
  }

  @Test("Rows without a caption and rows left out are never copied")
  func rows() throws {
    let train = try training([1, 0, 2, 0, 0, 1], dimension: 2, [(1, "right"), (2, "up")])
    let query = try FeatureVectors([1, 0, 0, 1], dimension: 2)
    #expect(try NearestCaption.find(for: query, in: train).map(\.row) == [1, 2])
    #expect(try NearestCaption.find(for: query, items: [0], in: train, rows: [2]).map(\.row) == [2])
    #expect(throws: FeatureVectorsError.self) {
      try NearestCaption.find(for: FeatureVectors([1], dimension: 1), in: train)
    }
  }

  @Test("Sequences of vectors are compared by their means")
  func sequences() throws {
    let train = try training(
      [1, 0, 0, 1, 5, 0], dimension: 2, positionCounts: [2, 1], [(0, "both"), (1, "right")])
    let queries = try FeatureVectors([1, 1, 0, 0, 4, 1], dimension: 2, positionCounts: [1, 2])
    let found = try NearestCaption.find(for: queries, in: train)
    #expect(found.map(\.caption) == ["both", "right"])
    #expect(abs(found[1].similarity - 2 / 4.25.squareRoot()) < 1e-12)
  }
}
