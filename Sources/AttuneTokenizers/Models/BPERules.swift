// SPDX-License-Identifier: Apache-2.0

/// The tables of byte-pair encoding: what a word is made of at first, and which pairs merge.
final class BPERules: Sendable {
  let vocabulary: Vocabulary
  let merges: [BPE.Merge]
  /// The importance of each merge, the most important first from 0; equal ones are made from left to right.
  let ranks: [UInt32]
  let settings: BPE.Settings

  private let pairs: PairTable
  private let pieces: FirstPieces
  /// Words that become one piece; most words of a text are among them.
  private let words: WordTable

  /// Longer words are merged by a queue, in time that grows little faster than their length.
  private static let longestSimpleWord = 48

  init(
    vocabulary: Vocabulary, merges: [BPE.Merge], ranks: [UInt32], settings: BPE.Settings
  ) {
    precondition(ranks.count == merges.count, "a merge without a rank")
    (self.vocabulary, self.merges, self.settings) = (vocabulary, merges, settings)
    self.ranks = ranks
    var pairs = PairTable(capacity: merges.count)
    for (rank, merge) in zip(ranks, merges) {
      pairs.set(merge.left, merge.right, to: PairTable.Value(rank: rank, id: merge.result))
    }
    let pieces = FirstPieces(vocabulary, settings)
    var words = WordTable(capacity: vocabulary.count)
    for id in vocabulary.indices {
      let token = Array(vocabulary[id])
      guard let text = settings.isByteLevel ? ByteAlphabet.bytes(of: token) : token,
        !text.isEmpty
      else { continue }
      text.withUnsafeBufferPointer { word in
        var found = (id: id, count: settings.ignoresMerges ? 1 : 0)
        if !settings.ignoresMerges {
          Self.forEachPiece(of: word, pieces, pairs) { id, _ in found = (id, found.count + 1) }
        }
        if found.count == 1 { words.insert(word, id: found.id) }
      }
    }
    (self.pairs, self.pieces, self.words) = (pairs, pieces, words)
  }

  /// Appends the pieces of one word.
  @inline(__always)
  func appendPieces(
    of word: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, to list: inout PieceList
  ) {
    if let id = words.id(of: word, in: bytes) { return list.append(id, word) }
    appendSeveralPieces(of: word, in: bytes, to: &list)
  }

  @inline(never)
  private func appendSeveralPieces(
    of word: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, to list: inout PieceList
  ) {
    let tracksRanges = list.tracksRanges
    var start = word.lowerBound
    Self.forEachPiece(of: UnsafeBufferPointer(rebasing: bytes[word]), pieces, pairs) { id, length in
      guard tracksRanges else { return list.ids.append(id) }
      let end = min(start + length, word.upperBound)
      list.append(id, Self.wholeScalars(start..<end, in: bytes))
      start = end
    }
  }

  /// Widens a range of bytes so that it cuts no scalar.
  @inline(__always)
  private static func wholeScalars(
    _ range: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>
  ) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    guard start < end else { return range }
    while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
    return start..<end
  }

  /// Calls `body` with each piece of a word and the number of bytes that it stands for.
  @inline(__always)
  private static func forEachPiece(
    of word: UnsafeBufferPointer<UInt8>, _ first: FirstPieces, _ pairs: PairTable,
    _ body: (_ id: Int32, _ length: Int) -> Void
  ) {
    guard word.count <= longestSimpleWord else {
      var pieces: [BPEPiece] = []
      pieces.reserveCapacity(word.count)
      first.forEach(of: word) { pieces.append($0) }
      var queue = BPEQueue(pieces)
      return queue.merge(by: pairs, body)
    }
    // No character gives more pieces than it has bytes.
    withUnsafeTemporaryAllocation(of: BPEScan.Item.self, capacity: word.count) { items in
      var scan = BPEScan(items)
      first.forEach(of: word) { scan.append($0) }
      scan.merge(by: pairs)
      scan.forEachPiece(body)
    }
  }
}
