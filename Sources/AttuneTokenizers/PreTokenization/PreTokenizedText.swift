// SPDX-License-Identifier: Apache-2.0

/// A text that pre-tokenizers may change, cut into words.
struct PreTokenizedText {
  private(set) var text: NormalizedText
  /// Bytes of `text`, in order; none is empty.
  private(set) var words: [Range<Int>]

  /// Makes one word of a range of a text.
  init(_ text: NormalizedText, _ range: Range<Int>) {
    self.text = NormalizedText(tracksSources: text.tracksSources)
    self.text.append(text, range)
    words = range.isEmpty ? [] : [0..<range.count]
  }

  /// Replaces each word by those that `forEachWord` calls its last argument with.
  mutating func cut(
    _ forEachWord: (UnsafeBufferPointer<UInt8>, Range<Int>, (Range<Int>) -> Void) -> Void
  ) {
    let whole = words
    words.removeAll(keepingCapacity: true)
    text.bytes.withUnsafeBufferPointer { bytes in
      for word in whole { forEachWord(bytes, word) { words.append($0) } }
    }
  }

  /// Replaces text and words, where nobody asks for sources.
  mutating func replace(with bytes: [UInt8], cutInto words: [Range<Int>]) {
    text = NormalizedText(untracked: bytes)
    self.words = words
  }

  /// Puts a space, counted to the first scalar, before each word that does not begin with one.
  mutating func prefixSpaces() {
    guard words.contains(where: { text.bytes[$0.lowerBound] != 0x20 }) else { return }
    rewriteWords { text, word, changed in
      if text.bytes[word.lowerBound] != 0x20 {
        changed.append(0x20, likeScalarAt: word.lowerBound, of: text)
      }
      changed.append(text, word)
    }
  }

  /// Replaces each word by what `append` appends for it to the changed text.
  mutating func rewriteWords(
    _ append: (NormalizedText, Range<Int>, inout NormalizedText) -> Void
  ) {
    var changed = NormalizedText(tracksSources: text.tracksSources)
    changed.reserveCapacity(text.bytes.count + words.count)
    var changedWords: [Range<Int>] = []
    changedWords.reserveCapacity(words.count)
    for word in words {
      let start = changed.bytes.count
      append(text, word, &changed)
      if start < changed.bytes.count { changedWords.append(start..<changed.bytes.count) }
    }
    (text, words) = (changed, changedWords)
  }
}
