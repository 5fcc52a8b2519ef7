// SPDX-License-Identifier: Apache-2.0

/// How often an n-gram stands in a caption.
struct GramCount: Sendable {
  let gram: Int32
  let count: Int
}

/// The words of a caption as numbers, and its n-grams.
struct CountedCaption: Sendable {
  let words: [Int32]
  /// For each order from 1 on, by rising number: sums over them are the same in every run.
  let grams: [[GramCount]]

  /// How often an n-gram of an order, the first being 0, stands in the caption.
  func count(of gram: Int32, order: Int) -> Int {
    let grams = grams[order]
    var (low, high) = (0, grams.count)
    while low < high {
      let middle = (low + high) / 2
      if grams[middle].gram < gram { low = middle + 1 } else { high = middle }
    }
    return low < grams.count && grams[low].gram == gram ? grams[low].count : 0
  }
}

/// Numbers the words and n-grams of a set of captions.
struct CaptionVocabulary {
  private var numbers: [[UInt8]: Int32] = [:]
  private var table = NGramTable<Int32>()

  /// N-grams seen so far; their numbers lie below.
  var gramCount: Int { table.count }

  mutating func counts(of caption: [String]) -> CountedCaption {
    let words = caption.map { word in
      let bytes = Array(word.utf8)
      if let known = numbers[bytes] { return known }
      let number = Int32(numbers.count)
      numbers[bytes] = number
      return number
    }
    let grams = table.numbers(of: words, maximumOrder: CaptionMetrics.maximumOrder)
    return CountedCaption(words: words, grams: grams.map(Self.counted))
  }

  private static func counted(_ grams: [Int32]) -> [GramCount] {
    var result: [GramCount] = []
    result.reserveCapacity(grams.count)
    for gram in grams.sorted() {
      if let last = result.last, last.gram == gram {
        result[result.count - 1] = GramCount(gram: gram, count: last.count + 1)
      } else {
        result.append(GramCount(gram: gram, count: 1))
      }
    }
    return result
  }
}
