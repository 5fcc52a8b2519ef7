// SPDX-License-Identifier: Apache-2.0

/// Byte-pair encoding: the characters of a word are merged pair by pair, the first pair in the list
/// of merges first (Sennrich et al., 2016), or its bytes (Radford et al., 2019).
public struct BPE: Sendable, Equatable {
  /// Two neighbouring pieces that become one.
  public struct Merge: Sendable, Equatable {
    /// The piece on the left.
    public let left: Int32
    /// The piece on the right.
    public let right: Int32
    /// What they become.
    public let result: Int32

    /// Makes a merge of ids of the vocabulary.
    public init(left: Int32, right: Int32, result: Int32) {
      (self.left, self.right, self.result) = (left, right, result)
    }
  }

  /// What files say beside vocabulary and merges.
  public struct Settings: Sendable, Equatable {
    /// The token for characters that the vocabulary lacks; without it they are left out.
    public var unknownToken: String?
    /// What pieces begin with that do not begin a word.
    public var continuingPrefix = ""
    /// What pieces end with that end a word.
    public var endOfWordSuffix = ""
    /// Whether neighbouring unknown characters are one unknown token.
    public var fusesUnknown = false
    /// Whether characters that the vocabulary lacks are written in tokens such as `<0xE2>`.
    public var fallsBackToBytes = false
    /// Whether a word of the vocabulary is one piece even where merges do not lead to it.
    public var ignoresMerges = false
    /// Whether the vocabulary is written in the characters of GPT-2 that stand for bytes.
    public var isByteLevel = false

    /// Makes settings with which GPT-2 and RoBERTa differ only in `isByteLevel`.
    public init() {}
  }

  /// The pieces with their ids.
  public let vocabulary: Vocabulary
  /// The merges, most important first.
  public let merges: [Merge]
  /// All else.
  public let settings: Settings

  private let rules: BPERules
  /// Words that become one piece; most words of a text are among them.
  private let words: WordTable

  /// Makes a model; the ids of the merges and the unknown token must be in the vocabulary.
  public init(vocabulary: Vocabulary, merges: [Merge], settings: Settings) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.settings = settings
    let rules = BPERules(vocabulary: vocabulary, merges: merges, settings: settings)
    self.rules = rules
    words = rules.wholeWords(of: vocabulary, settings)
  }

  /// Returns whether both have the same pieces, merges and settings.
  public static func == (left: BPE, right: BPE) -> Bool {
    left.settings == right.settings && left.merges == right.merges
      && left.vocabulary == right.vocabulary
  }

  /// Appends the pieces of one word.
  @inline(__always)
  func appendPieces(
    of word: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, to pieces: inout PieceList
  ) {
    if let id = words.id(of: word, in: bytes) { return pieces.append(id, word) }
    appendSeveralPieces(of: word, in: bytes, to: &pieces)
  }

  private func appendSeveralPieces(
    of word: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, to pieces: inout PieceList
  ) {
    let tracksRanges = pieces.tracksRanges
    var start = word.lowerBound
    rules.forEachPiece(of: UnsafeBufferPointer(rebasing: bytes[word])) { id, length in
      guard tracksRanges else { return pieces.ids.append(id) }
      let end = min(start + length, word.upperBound)
      pieces.append(id, Self.wholeScalars(start..<end, in: bytes))
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
}
