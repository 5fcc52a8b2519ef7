// SPDX-License-Identifier: Apache-2.0

/// Finds the parts of words that stand in them more than once, by sorting all ends of words (Manber and Myers 1993).
///
/// Of parts that are always followed by the same character only the longest is found: the others stand for nothing by
/// themselves.
struct SubstringCounter: Sendable {
  /// A part of the words.
  struct Substring: Sendable {
    let start: Int
    let length: Int
    /// How often it was seen.
    let count: Double
  }

  /// A word from some place on.
  private struct Suffix {
    /// The first eight bytes, zero behind the end of the word.
    let key: UInt64
    let word: Int32
    let offset: Int32
  }

  /// A beginning that the suffixes looked at last have in common.
  private struct Node {
    let start: Int
    let length: Int
    var count: Double
  }

  private let corpus: UnigramCorpus
  private let longest: Int

  init(_ corpus: UnigramCorpus, longestInScalars: Int) {
    (self.corpus, longest) = (corpus, longestInScalars)
  }

  /// Returns the parts of two scalars and more that were seen more than once.
  func substrings(sharing work: some WorkSharing) -> [Substring] {
    let starts = suffixesByFirstByte()
    return work.map(starts.count) { substrings(beginning: starts[$0]) }.flatMap { $0 }
  }

  /// Words and places in them, by the byte that stands there.
  private func suffixesByFirstByte() -> [[(word: Int32, offset: Int32)]] {
    var places = [[(word: Int32, offset: Int32)]](repeating: [], count: 256)
    for word in corpus.counts.indices {
      let start = corpus.starts[word]
      for place in start..<corpus.starts[word + 1] where corpus.bytes[place] & 0xC0 != 0x80 {
        places[Int(corpus.bytes[place])].append((Int32(word), Int32(place - start)))
      }
    }
    return places.filter { !$0.isEmpty }
  }

  private func substrings(beginning places: [(word: Int32, offset: Int32)]) -> [Substring] {
    corpus.bytes.withUnsafeBufferPointer { bytes in
      corpus.starts.withUnsafeBufferPointer { starts in
        var suffixes = places.map { place in
          let start = starts[Int(place.word)] + Int(place.offset)
          let key = Self.key(of: bytes[start..<starts[Int(place.word) + 1]])
          return Suffix(key: key, word: place.word, offset: place.offset)
        }
        suffixes.sort { a, b in
          guard a.key == b.key else { return a.key < b.key }
          // Zeros at the end of a key: both words end here.
          guard a.key & 0xFF != 0 else { return false }
          return bytes[range(of: a, starts)].lexicographicallyPrecedes(bytes[range(of: b, starts)])
        }
        return common(suffixes, bytes, starts)
      }
    }
  }

  /// The bytes that are looked at: no piece holds more, even if all of its scalars are long.
  private func range(of suffix: Suffix, _ starts: UnsafeBufferPointer<Int>) -> Range<Int> {
    let start = starts[Int(suffix.word)] + Int(suffix.offset)
    return start..<min(start + 4 * longest, starts[Int(suffix.word) + 1])
  }

  private static func key(of text: Slice<UnsafeBufferPointer<UInt8>>) -> UInt64 {
    let head = text.prefix(8)
    return head.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } << UInt64(8 * (8 - head.count))
  }

  /// Walks the sorted suffixes as the inner nodes and leaves of their tree.
  private func common(
    _ suffixes: [Suffix], _ bytes: UnsafeBufferPointer<UInt8>, _ starts: UnsafeBufferPointer<Int>
  ) -> [Substring] {
    var found: [Substring] = []
    var open: [Node] = []
    func close(to length: Int) {
      while let node = open.last, node.length > length {
        open.removeLast()
        if node.count > 1, node.length > UTF8Scalars.length(ofLead: bytes[node.start]) {
          found.append(Substring(start: node.start, length: node.length, count: node.count))
        }
        guard length > 0 || !open.isEmpty else { continue }
        if let parent = open.last, parent.length >= length {
          open[open.count - 1].count += node.count
        } else {
          open.append(Node(start: node.start, length: length, count: node.count))
        }
      }
    }
    var previous = 0..<0
    for suffix in suffixes {
      let place = scalars(of: range(of: suffix, starts), bytes)
      close(to: sharedLength(previous, place, bytes))
      let count = corpus.counts[Int(suffix.word)]
      if let last = open.last, last.length == place.count {
        open[open.count - 1].count += count
      } else {
        open.append(Node(start: place.lowerBound, length: place.count, count: count))
      }
      previous = place
    }
    close(to: 0)
    return found
  }

  /// The part of a range that one piece may hold.
  private func scalars(
    of range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> Range<Int> {
    var (position, scalars) = (range.lowerBound, 0)
    while position < range.upperBound, scalars < longest {
      position += UTF8Scalars.length(ofLead: bytes[position])
      scalars += 1
    }
    return range.lowerBound..<position
  }

  /// The bytes of whole scalars that both begin with.
  private func sharedLength(
    _ a: Range<Int>, _ b: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>
  ) -> Int {
    let most = min(a.count, b.count)
    var length = 0
    while length < most, bytes[a.lowerBound + length] == bytes[b.lowerBound + length] {
      length += 1
    }
    // One that ends inside a scalar of the other never ends there.
    while length > 0, length < b.count, bytes[b.lowerBound + length] & 0xC0 == 0x80 { length -= 1 }
    return length
  }
}
