// SPDX-License-Identifier: Apache-2.0

internal import AttuneSystem

/// What captions add to BLEU, and the score as pycocoevalcap computes it: with tiny numbers added instead of smoothing.
struct CaptionBLEU: Sendable {
  private var matches = [Int](repeating: 0, count: CaptionMetrics.maximumOrder)
  private var totals = [Int](repeating: 0, count: CaptionMetrics.maximumOrder)
  private var writtenLength = 0
  /// Words of the reference of the nearest length; of two as near, the shorter.
  private var referenceLength = 0

  static func += (sum: inout CaptionBLEU, other: CaptionBLEU) {
    for order in sum.matches.indices {
      sum.matches[order] += other.matches[order]
      sum.totals[order] += other.totals[order]
    }
    sum.writtenLength += other.writtenLength
    sum.referenceLength += other.referenceLength
  }

  init() {}

  init(_ segment: CaptionSegment) {
    let written = segment.written
    writtenLength = written.words.count
    referenceLength =
      segment.references.map(\.words.count)
      .min { (abs($0 - writtenLength), $0) < (abs($1 - writtenLength), $1) } ?? 0
    for order in totals.indices {
      totals[order] = max(0, writtenLength - order)
      for entry in written.grams[order] {
        let allowed = segment.references.reduce(0) {
          max($0, $1.count(of: entry.gram, order: order))
        }
        matches[order] += min(entry.count, allowed)
      }
    }
  }

  /// The score of n-grams of up to 1, 2, 3 and 4 words.
  var scores: [Double] {
    let (tiny, small) = (1e-15, 1e-9)
    let ratio = (Double(writtenLength) + tiny) / (Double(referenceLength) + small)
    let brevity = ratio < 1 ? exp(1 - 1 / ratio) : 1
    var product = 1.0
    return matches.indices.map { order in
      product *= (Double(matches[order]) + tiny) / (Double(totals[order]) + small)
      return pow(product, 1 / Double(order + 1)) * brevity
    }
  }
}

extension CaptionSegment {
  var bleuStatistics: CaptionBLEU { CaptionBLEU(self) }
}
