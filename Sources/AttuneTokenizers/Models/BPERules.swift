// SPDX-License-Identifier: Apache-2.0

/// What a word is made of at first, and which pairs merge.
struct BPERules: Sendable {
  /// A piece of a word: its id and how many bytes of the text it stands for.
  struct Piece {
    var id: Int32
    var length: Int32
  }

  /// The ids of one-byte pieces at one place of a word; negative where the vocabulary lacks them.
  private struct ByteIDs {
    var inside: [Int32]
    var last: [Int32]
  }

  private let pairs: PairTable
  private let settings: BPE.Settings
  /// For characters instead of bytes; their ids are looked up.
  private let vocabulary: Vocabulary
  private let firstBytes: ByteIDs
  private let laterBytes: ByteIDs
  /// The ids of `<0x00>` to `<0xFF>`, negative where they are missing.
  private let fallbackIDs: [Int32]
  private let unknownID: Int32?
  private let prefix: [UInt8]
  private let suffix: [UInt8]

  /// Longer words are merged by a queue, in time that grows little faster than their length.
  private static let longestSimpleWord = 48

  init(vocabulary: Vocabulary, merges: [BPE.Merge], settings: BPE.Settings) {
    var pairs = PairTable(capacity: merges.count)
    for (rank, merge) in merges.enumerated() {
      pairs.set(
        merge.left, merge.right, to: PairTable.Value(rank: UInt32(rank), id: merge.result))
    }
    self.pairs = pairs
    self.settings = settings
    self.vocabulary = vocabulary
    unknownID = settings.unknownToken.flatMap { vocabulary.id(of: $0) }
    let (prefix, suffix) = (
      Array(settings.continuingPrefix.utf8), Array(settings.endOfWordSuffix.utf8)
    )
    (self.prefix, self.suffix) = (prefix, suffix)
    func ids(after prefix: [UInt8], before suffix: [UInt8]) -> [Int32] {
      guard settings.isByteLevel else { return [] }
      return (0..<256).map { byte in
        (prefix + ByteAlphabet.utf8(of: UInt8(byte)) + suffix).withUnsafeBufferPointer {
          vocabulary.id(of: $0) ?? -1
        }
      }
    }
    firstBytes = ByteIDs(inside: ids(after: [], before: []), last: ids(after: [], before: suffix))
    laterBytes = ByteIDs(
      inside: ids(after: prefix, before: []), last: ids(after: prefix, before: suffix))
    fallbackIDs =
      settings.fallsBackToBytes ? (0..<256).map { vocabulary.id(of: Self.name(of: $0)) ?? -1 } : []
  }

  /// Returns the name of a byte as SentencePiece writes it: `<0x0A>`.
  static func name(of byte: Int) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
  }

  /// Returns the words that become one piece, with its id.
  func wholeWords(of vocabulary: Vocabulary, _ settings: BPE.Settings) -> WordTable {
    var words = WordTable(capacity: vocabulary.count)
    for id in vocabulary.indices {
      let token = Array(vocabulary[id])
      guard let text = settings.isByteLevel ? ByteAlphabet.bytes(of: token) : token,
        !text.isEmpty
      else { continue }
      text.withUnsafeBufferPointer { word in
        var (only, count) = (id, settings.ignoresMerges ? 1 : 0)
        if !settings.ignoresMerges {
          forEachPiece(of: word) { piece, _ in
            only = piece
            count += 1
          }
        }
        if count == 1 { words.insert(word, id: only) }
      }
    }
    return words
  }

  /// Calls `body` with each piece of a word and the number of bytes that it stands for.
  func forEachPiece(
    of word: UnsafeBufferPointer<UInt8>, _ body: (_ id: Int32, _ length: Int) -> Void
  ) {
    guard word.count <= Self.longestSimpleWord else {
      var pieces: [Piece] = []
      pieces.reserveCapacity(word.count)
      forEachFirstPiece(of: word) { pieces.append($0) }
      var queue = BPEQueue(pieces)
      return queue.merge(by: pairs, body)
    }
    // No character gives more pieces than it has bytes.
    withUnsafeTemporaryAllocation(of: BPEScan.Item.self, capacity: word.count) { items in
      var scan = BPEScan(items)
      forEachFirstPiece(of: word) { scan.append($0) }
      scan.merge(by: pairs)
      scan.forEachPiece(body)
    }
  }

  private func forEachFirstPiece(
    of word: UnsafeBufferPointer<UInt8>, _ body: (Piece) -> Void
  ) {
    var unknown = UnknownRun()
    // Characters that are left out count to the piece after them.
    var skipped = 0
    var position = 0
    while position < word.count {
      let length = settings.isByteLevel ? 1 : UTF8Scalars.length(ofLead: word[position])
      let id =
        settings.isByteLevel
        ? byteID(at: position, in: word)
        : characterID(of: position..<position + length, in: word)
      if id >= 0 {
        unknown.end(body)
        body(Piece(id: id, length: Int32(length + skipped)))
        skipped = 0
      } else if !appendFallback(of: position..<position + length, in: word, body) {
        if let unknownID {
          unknown.extend(by: length, fusing: settings.fusesUnknown, id: unknownID, body)
        } else {
          skipped += length
        }
      }
      position += length
    }
    unknown.end(body)
  }

  @inline(__always)
  private func byteID(at position: Int, in word: UnsafeBufferPointer<UInt8>) -> Int32 {
    let isLast = position == word.count - 1
    let ids = position == 0 ? firstBytes : laterBytes
    return (isLast ? ids.last : ids.inside)[Int(word[position])]
  }

  private func characterID(of range: Range<Int>, in word: UnsafeBufferPointer<UInt8>) -> Int32 {
    let isPlain = prefix.isEmpty && suffix.isEmpty
    guard !isPlain else {
      return vocabulary.id(of: UnsafeBufferPointer(rebasing: word[range])) ?? -1
    }
    let token =
      (range.lowerBound > 0 ? prefix : []) + word[range]
      + (range.upperBound == word.count ? suffix : [])
    return token.withUnsafeBufferPointer { vocabulary.id(of: $0) ?? -1 }
  }

  /// Writes a character in tokens for its bytes and returns whether all of them are there.
  private func appendFallback(
    of range: Range<Int>, in word: UnsafeBufferPointer<UInt8>, _ body: (Piece) -> Void
  ) -> Bool {
    guard !fallbackIDs.isEmpty, word[range].allSatisfy({ fallbackIDs[Int($0)] >= 0 }) else {
      return false
    }
    for byte in word[range] { body(Piece(id: fallbackIDs[Int(byte)], length: 1)) }
    return true
  }

  /// Unknown characters that wait for the next known one.
  ///
  /// Tokens of fallback bytes go before them, as in the program that the files come from.
  private struct UnknownRun {
    private var waiting: Piece?

    mutating func extend(
      by length: Int, fusing: Bool, id: Int32, _ body: (Piece) -> Void
    ) {
      if fusing, let piece = waiting {
        waiting = Piece(id: id, length: piece.length + Int32(length))
      } else {
        end(body)
        waiting = Piece(id: id, length: Int32(length))
      }
    }

    mutating func end(_ body: (Piece) -> Void) {
      if let waiting { body(waiting) }
      waiting = nil
    }
  }
}
