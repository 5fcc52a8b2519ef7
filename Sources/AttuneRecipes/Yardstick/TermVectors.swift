// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem
internal import AttuneTensors

/// Sparse rows: the terms of each text and their weights.
struct TermVectors {
  /// First entry of each row, and the total at the end.
  var offsets: [Int] = [0]
  var terms: [Int32] = []
  var weights: [Float] = []

  var rowCount: Int { offsets.count - 1 }

  mutating func append(_ row: [(term: Int32, weight: Float)]) {
    for (term, weight) in row {
      terms.append(term)
      weights.append(weight)
    }
    offsets.append(terms.count)
  }

  /// The same entries, sorted by term: a row for each term, with the texts it stands in.
  func transposed(termCount: Int) -> TermVectors {
    var result = TermVectors()
    result.offsets = [Int](repeating: 0, count: termCount + 1)
    for term in terms { result.offsets[Int(term) + 1] += 1 }
    for term in 0..<termCount { result.offsets[term + 1] += result.offsets[term] }
    result.terms = [Int32](repeating: 0, count: terms.count)
    result.weights = [Float](repeating: 0, count: terms.count)
    var next = result.offsets
    for row in 0..<rowCount {
      for entry in offsets[row]..<offsets[row + 1] {
        let place = next[Int(terms[entry])]
        next[Int(terms[entry])] += 1
        result.terms[place] = Int32(row)
        result.weights[place] = weights[entry]
      }
    }
    return result
  }
}

/// Turns texts into unit vectors of weighted terms: term frequency times inverse document frequency.
struct TermWeighting: Sendable {
  private let bucketBits: Int
  private let longestGram: Int
  private let isSublinear: Bool
  /// The term of each bucket; -1 for buckets that are left out.
  private var terms: [Int32] = []
  /// By term.
  private var inverseFrequencies: [Float] = []

  var termCount: Int { inverseFrequencies.count }

  /// The weighting that the texts give, and their vectors.
  static func fitted(
    to texts: [String], _ settings: HashedNGramModel.Settings
  ) -> (weighting: TermWeighting, vectors: TermVectors) {
    var weighting = TermWeighting(
      bucketBits: settings.bucketBits, longestGram: settings.longestGram,
      isSublinear: settings.isSublinear)
    let counts = mapInParallel(texts) { weighting.buckets(of: $0) }
    weighting.fit(counts, minimumTexts: settings.minimumTexts)
    return (weighting, weighting.vectors(of: counts))
  }

  private init(bucketBits: Int, longestGram: Int, isSublinear: Bool) {
    self.bucketBits = bucketBits
    self.longestGram = longestGram
    self.isSublinear = isSublinear
  }

  func vectors(of texts: [String]) -> TermVectors {
    vectors(of: mapInParallel(texts) { buckets(of: $0) })
  }

  private typealias Counts = [(bucket: UInt32, count: Int32)]

  private func buckets(of text: String) -> Counts {
    let words = WordHashes.words(of: text)
    let shift = UInt64(64 - bucketBits)
    var buckets = words.map { UInt32($0 >> shift) }
    var grams = words
    for length in stride(from: 2, through: longestGram, by: 1) where words.count >= length {
      grams = zip(grams, words.dropFirst(length - 1)).map { WordHashes.pair($0, $1) }
      buckets += grams.map { UInt32($0 >> shift) }
    }
    buckets.sort()
    var counts: Counts = []
    for bucket in buckets {
      if let last = counts.last, last.bucket == bucket {
        counts[counts.count - 1].count += 1
      } else {
        counts.append((bucket, 1))
      }
    }
    return counts
  }

  private mutating func fit(_ texts: [Counts], minimumTexts: Int) {
    var frequencies = [Int32](repeating: 0, count: 1 << bucketBits)
    for text in texts {
      for entry in text { frequencies[Int(entry.bucket)] += 1 }
    }
    terms = [Int32](repeating: -1, count: frequencies.count)
    for (bucket, frequency) in frequencies.enumerated() where frequency >= max(1, minimumTexts) {
      terms[bucket] = Int32(inverseFrequencies.count)
      // As if one more text held every term.
      let rarity = Double(texts.count + 1) / Double(frequency + 1)
      inverseFrequencies.append(Float(log(rarity) + 1))
    }
  }

  private func vectors(of texts: [Counts]) -> TermVectors {
    var result = TermVectors()
    for row in mapInParallel(texts, { vector(of: $0) }) { result.append(row) }
    return result
  }

  private func vector(of counts: Counts) -> [(term: Int32, weight: Float)] {
    var row: [(term: Int32, weight: Float)] = []
    row.reserveCapacity(counts.count)
    var squares: Float = 0
    for (bucket, count) in counts where terms[Int(bucket)] >= 0 {
      let term = terms[Int(bucket)]
      let frequency = isSublinear ? 1 + log(Float(count)) : Float(count)
      let weight = frequency * inverseFrequencies[Int(term)]
      squares += weight * weight
      row.append((term, weight))
    }
    let scale = squares > 0 ? 1 / squares.squareRoot() : 0
    for index in row.indices { row[index].weight *= scale }
    return row
  }
}

/// Calls `transform` on chunks of elements in parallel; the results are in order.
private func mapInParallel<Element, Result>(
  _ elements: [Element], _ transform: (Element) -> Result
) -> [Result] {
  let chunk = 64
  let chunkCount = (elements.count + chunk - 1) / chunk
  var parts = [[Result]](repeating: [], count: chunkCount)
  parts.withUnsafeMutableBufferPointer { parts in
    Parallel.forEach(chunkCount) { index in
      parts[index] = elements[index * chunk..<min((index + 1) * chunk, elements.count)].map(
        transform)
    }
  }
  return Array(parts.joined())
}
