// SPDX-License-Identifier: Apache-2.0

internal import AttuneTensors

/// Pairs of texts of which the second follows the first in half of the cases and is from another document otherwise (Devlin et al.
/// 2019, section 3.1 and appendix A.2).
///
/// A window is cut in two behind the end of a sentence, or anywhere where there is none. In half of the cases its second part
/// is replaced by the second part of a window of another document, which was cut the same way: so the parts themselves
/// do not tell which case it is.
struct SentencePairing: Sendable {
  let corpus: PackedCorpus
  let windows: [CorpusWindow]
  /// By id, whether a token ends a sentence.
  let endsSentence: [Bool]

  struct Pair {
    var first: [Int32]
    var second: [Int32]
    let follows: Bool
  }

  /// The pair that a window becomes under a key; a window of one token has an empty second part.
  func pair(_ window: CorpusWindow, key: RandomKey) -> Pair {
    let parts = cut(window, key.place(0))
    // Three special tokens stand around a pair.
    let capacity = corpus.windowLength - 3
    let first = Array(parts.first.prefix(capacity - 1))
    let isKept = key.uniform(at: 0) < 0.5
    let other = isKept ? nil : other(than: window, key.place(1))
    let second = other.map { cut($0, key.place(2)).second } ?? parts.second
    return Pair(
      first: first, second: Array(second.prefix(capacity - first.count)), follows: other == nil)
  }

  private func cut(_ window: CorpusWindow, _ key: RandomKey) -> (first: [Int32], second: [Int32]) {
    let ids = corpus.corpus[window.range]
    guard ids.count > 1 else { return (ids, []) }
    let ends = (1..<ids.count).filter {
      endsSentence[Int(ids[$0 - 1])] && !endsSentence[Int(ids[$0])]
    }
    let place =
      ends.isEmpty
      ? 1 + Self.draw(ids.count - 1, key, at: 0) : ends[Self.draw(ends.count, key, at: 0)]
    return (Array(ids[..<place]), Array(ids[place...]))
  }

  /// A window of another document; nil where a few draws find none.
  private func other(than window: CorpusWindow, _ key: RandomKey) -> CorpusWindow? {
    let own = corpus.corpus.document(at: window.range.lowerBound)
    for attempt in 0..<16 {
      let drawn = windows[Self.draw(windows.count, key, at: UInt64(attempt))]
      if drawn.range.count > 1, corpus.corpus.document(at: drawn.range.lowerBound) != own {
        return drawn
      }
    }
    return nil
  }

  private static func draw(_ count: Int, _ key: RandomKey, at index: UInt64) -> Int {
    Int((UInt64(key.word(at: index)) * UInt64(count)) >> 32)
  }
}
