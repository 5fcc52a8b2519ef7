// SPDX-License-Identifier: Apache-2.0

/// Counts the words of texts, as encoding would cut them.
struct WordCounter: Sendable {
  private(set) var words = Vocabulary()
  /// How often each word was seen.
  private(set) var counts: [Int] = []
  private(set) var textCount = 0
  private(set) var byteCount = 0
  /// What stands between white space, whatever the words here are.
  private(set) var spacedWordCount = 0
  private let cutter: WordCutter
  private var normalized = NormalizedText(tracksSources: false)

  init(_ cutter: WordCutter) { self.cutter = cutter }

  mutating func count(_ text: String) {
    var text = text
    text.withUTF8 { count($0) }
  }

  mutating func count(_ text: UnsafeBufferPointer<UInt8>) {
    textCount += 1
    byteCount += text.count
    var (words, counts) = (Vocabulary(), [Int]())
    // Out of the struct while they grow, since the cutter reads it.
    swap(&words, &self.words)
    swap(&counts, &self.counts)
    cutter.forEachWord(of: text, &normalized) { word in
      let (id, isNew) = words.insert(word)
      if isNew { counts.append(1) } else { counts[Int(id)] += 1 }
    }
    swap(&words, &self.words)
    swap(&counts, &self.counts)
  }

  /// Notes how many words a text has between its white space.
  mutating func countSpacedWords(of text: String) {
    var isInWord = false
    for scalar in text.unicodeScalars {
      let isSpace = scalar.properties.isWhitespace
      if !isSpace, !isInWord { spacedWordCount += 1 }
      isInWord = !isSpace
    }
  }

  /// Adds what another counter of the same kind has seen.
  mutating func add(_ other: WordCounter) {
    textCount += other.textCount
    byteCount += other.byteCount
    spacedWordCount += other.spacedWordCount
    for id in other.words.indices {
      let (place, isNew) = other.words[id].withUnsafeBufferPointer { words.insert($0) }
      if isNew { counts.append(0) }
      counts[Int(place)] += other.counts[Int(id)]
    }
  }

  /// Calls `body` with each word and its count.
  func forEachWord(_ body: (UnsafeBufferPointer<UInt8>, Int) -> Void) {
    for id in words.indices {
      words[id].withUnsafeBufferPointer { body($0, counts[Int(id)]) }
    }
  }
}

extension WordCounter {
  /// A character of the words.
  struct Character {
    let bytes: [UInt8]
    var count = 0
    /// Whether it stands anywhere but at the beginning of a word.
    var continues = false
  }

  /// Returns the most frequent characters, in the order of their code points.
  func alphabet(limit: Int) -> [Character] {
    // Bytes of UTF-8 sort as code points do.
    characters().prefix(limit).sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }

  /// Returns all characters, the most frequent first.
  func characters() -> [Character] {
    var places = Vocabulary()
    var characters: [Character] = []
    forEachWord { word, count in
      var position = 0
      while position < word.count {
        let end = position + UTF8Scalars.length(ofLead: word[position])
        let bytes = UnsafeBufferPointer(rebasing: word[position..<end])
        let (id, isNew) = places.insert(bytes)
        if isNew { characters.append(Character(bytes: Array(bytes))) }
        characters[Int(id)].count += count
        if position > 0 { characters[Int(id)].continues = true }
        position = end
      }
    }
    return characters.sorted {
      $0.count == $1.count ? $0.bytes.lexicographicallyPrecedes($1.bytes) : $0.count > $1.count
    }
  }
}
