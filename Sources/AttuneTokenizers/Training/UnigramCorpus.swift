// SPDX-License-Identifier: Apache-2.0

/// Distinct words end to end in the order of their bytes, each with how often it was seen, whatever the order of the
/// texts that they were counted in.
struct UnigramCorpus: Sendable {
  let bytes: [UInt8]
  /// Word `index` is `bytes[starts[index]..<starts[index + 1]]`.
  let starts: [Int]
  let counts: [Double]

  /// Parts of about equal size; their number is the same for any number of threads.
  static let partCount = 8

  init(_ counter: WordCounter) {
    let order = counter.words.inOrder()
    var (bytes, starts, counts) = ([UInt8](), [0], [Double]())
    for id in order {
      bytes += counter.words[id]
      starts.append(bytes.count)
      counts.append(Double(counter.counts[Int(id)]))
    }
    (self.bytes, self.starts, self.counts) = (bytes, starts, counts)
  }

  /// Calls `body` with each word of a part and its count.
  func forEachWord(ofPart part: Int, _ body: (UnsafeBufferPointer<UInt8>, Double) -> Void) {
    bytes.withUnsafeBufferPointer { bytes in
      for word in range(ofPart: part) {
        body(UnsafeBufferPointer(rebasing: bytes[starts[word]..<starts[word + 1]]), counts[word])
      }
    }
  }

  private func range(ofPart part: Int) -> Range<Int> {
    func first(_ part: Int) -> Int {
      let place = bytes.count * part / Self.partCount
      var (low, high) = (0, counts.count)
      while low < high {
        let middle = (low + high) / 2
        if starts[middle] < place { low = middle + 1 } else { high = middle }
      }
      return part == Self.partCount ? counts.count : low
    }
    return first(part)..<first(part + 1)
  }
}

extension Vocabulary {
  /// Returns the ids in the order of the tokens' bytes.
  fileprivate func inOrder() -> [Int32] {
    // The first eight bytes tell most tokens apart.
    let keys = indices.map { id in
      let token = self[id].prefix(8)
      let value = token.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return value << UInt64(8 * (8 - token.count))
    }
    return indices.sorted { a, b in
      let (first, second) = (keys[Int(a)], keys[Int(b)])
      return first == second ? self[a].lexicographicallyPrecedes(self[b]) : first < second
    }
  }
}
