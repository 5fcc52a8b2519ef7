// SPDX-License-Identifier: Apache-2.0

extension CaptionSegment {
  /// The best precision and the best recall of the longest common subsequence, recall weighed 1.2 times.
  var rougeL: Double {
    let beta = 1.2
    // A caption without words counts as one empty word.
    let caption = written.words.isEmpty ? [-1] : written.words
    var (precision, recall) = (0.0, 0.0)
    for reference in references {
      let expected = reference.words.isEmpty ? [-1] : reference.words
      let common = Double(Self.commonLength(caption, expected))
      precision = max(precision, common / Double(caption.count))
      recall = max(recall, common / Double(expected.count))
    }
    guard precision > 0, recall > 0 else { return 0 }
    return (1 + beta * beta) * precision * recall / (recall + beta * beta * precision)
  }

  /// The length of the longest common subsequence.
  private static func commonLength(_ first: [Int32], _ second: [Int32]) -> Int {
    var lengths = [Int](repeating: 0, count: second.count + 1)
    for word in first {
      // The entry before this one, of the row before.
      var corner = 0
      for place in second.indices {
        let above = lengths[place + 1]
        lengths[place + 1] =
          word == second[place] ? corner + 1 : max(above, lengths[place])
        corner = above
      }
    }
    return lengths[second.count]
  }
}
