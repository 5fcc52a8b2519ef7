// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem

/// How much each n-gram says: the fewer captions have it in their references, the more.
struct ConsensusWeights: Sendable {
  private let weights: [Double]

  init(_ segments: [CaptionSegment], gramCount: Int) {
    var frequencies = [Int32](repeating: 0, count: gramCount)
    var lastSegment = [Int32](repeating: -1, count: gramCount)
    for (index, segment) in segments.enumerated() {
      for reference in segment.references {
        for entry in reference.grams.joined() where lastSegment[Int(entry.gram)] != Int32(index) {
          lastSegment[Int(entry.gram)] = Int32(index)
          frequencies[Int(entry.gram)] += 1
        }
      }
    }
    let largest = log(Double(segments.count))
    weights = frequencies.map { largest - log(max(1, Double($0))) }
  }

  /// The weighted counts of a caption, for each order.
  func vectors(of caption: CountedCaption) -> [WeightedGrams] {
    caption.grams.map { grams in
      let values = grams.map { Double($0.count) * weights[Int($0.gram)] }
      return WeightedGrams(
        grams: grams.map(\.gram), values: values,
        length: values.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
  }
}

/// Weighted counts of n-grams, by rising number.
struct WeightedGrams {
  let grams: [Int32]
  let values: [Double]
  let length: Double

  /// The cosine of the angle to a reference, where a count above the reference's gains nothing.
  func likeness(to reference: WeightedGrams) -> Double {
    var (sum, first, second) = (0.0, 0, 0)
    while first < grams.count, second < reference.grams.count {
      if grams[first] == reference.grams[second] {
        sum += min(values[first], reference.values[second]) * reference.values[second]
        first += 1
        second += 1
      } else if grams[first] < reference.grams[second] {
        first += 1
      } else {
        second += 1
      }
    }
    return length > 0 && reference.length > 0 ? sum / (length * reference.length) : sum
  }
}

extension CaptionSegment {
  /// CIDEr-D: the mean likeness over references and orders, less where the lengths differ.
  func cider(with weights: ConsensusWeights) -> Double {
    let sigma = 6.0
    let captionVectors = weights.vectors(of: written)
    var sum = 0.0
    for reference in references {
      let difference = Double(written.pairCount - reference.pairCount)
      let penalty = exp(-difference * difference / (2 * sigma * sigma))
      let likeness = zip(captionVectors, weights.vectors(of: reference)).reduce(0) {
        $0 + $1.0.likeness(to: $1.1)
      }
      sum += likeness / Double(CaptionMetrics.maximumOrder) * penalty
    }
    return 10 * sum / Double(references.count)
  }
}

extension CountedCaption {
  /// The reference program measures lengths in pairs of words.
  fileprivate var pairCount: Int { max(0, words.count - 1) }
}
