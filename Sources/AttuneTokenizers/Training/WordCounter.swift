// SPDX-License-Identifier: Apache-2.0

/// Counts the words of texts, as encoding would cut them.
struct WordCounter {
  /// What stands before the pieces that continue a word.
  static let continuingPrefix = Array("##".utf8)
  /// Longer words, in scalars, are unknown when encoding: what they hold is not learned.
  private static let longestWord = 100

  private(set) var words = Vocabulary()
  /// How often each word was seen.
  private(set) var counts: [Int] = []
  private(set) var textCount = 0
  private let normalizer: BERTNormalizer
  private var normalized = NormalizedText(tracksSources: false)

  init(normalizer: BERTNormalizer) { self.normalizer = normalizer }

  mutating func count(_ text: String) {
    var text = text
    textCount += 1
    text.withUTF8 { normalizer.normalize($0, 0..<$0.count, into: &normalized) }
    normalized.bytes.withUnsafeBufferPointer { bytes in
      BERTPreTokenizer.forEachWord(in: bytes, 0..<bytes.count) { range in
        let word = UnsafeBufferPointer(rebasing: bytes[range])
        guard word.count <= Self.longestWord || Self.scalarCount(word) <= Self.longestWord else {
          return
        }
        let (id, isNew) = words.insert(word)
        if isNew { counts.append(1) } else { counts[Int(id)] += 1 }
      }
    }
  }

  /// Returns the most frequent characters by code point, each as a piece that begins a word, and those
  /// that were seen inside one also as a piece that continues it.
  func alphabet(limit: Int) -> (first: [[UInt8]], continuing: [[UInt8]]) {
    var characters = Vocabulary()
    var frequencies: [Int] = []
    var continues: [Bool] = []
    forEachCharacter { character, count, isFirst in
      let (id, isNew) = characters.insert(character)
      if isNew {
        frequencies.append(0)
        continues.append(false)
      }
      frequencies[Int(id)] += count
      if !isFirst { continues[Int(id)] = true }
    }
    // Bytes of UTF-8 sort as code points do.
    let all = characters.indices.map { (id: Int($0), bytes: Array(characters[$0])) }
    let kept = all.sorted {
      frequencies[$0.id] == frequencies[$1.id]
        ? $0.bytes.lexicographicallyPrecedes($1.bytes) : frequencies[$0.id] > frequencies[$1.id]
    }.prefix(limit).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    return (
      kept.map(\.bytes),
      kept.filter { continues[$0.id] }.map { Self.continuingPrefix + $0.bytes }
    )
  }

  private func forEachCharacter(_ body: (UnsafeBufferPointer<UInt8>, Int, Bool) -> Void) {
    for id in words.indices {
      words[id].withUnsafeBufferPointer { word in
        var position = 0
        while position < word.count {
          let length = UTF8Scalars.length(ofLead: word[position])
          body(
            UnsafeBufferPointer(rebasing: word[position..<position + length]), counts[Int(id)],
            position == 0)
          position += length
        }
      }
    }
  }

  private static func scalarCount(_ word: UnsafeBufferPointer<UInt8>) -> Int {
    word.count { $0 & 0xC0 != 0x80 }
  }
}
