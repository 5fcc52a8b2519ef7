// SPDX-License-Identifier: Apache-2.0

/// Cuts a word into the longest pieces of a vocabulary, from left to right.
public struct WordPiece: Sendable, Equatable {
  /// The pieces with their ids.
  public let vocabulary: Vocabulary
  /// The token for words that the pieces cannot write.
  public let unknownToken: String
  /// What pieces begin with that do not begin a word.
  public let continuingPrefix: String
  /// Longer words, in Unicode scalars, are unknown.
  public let longestWord: Int

  private let unknownID: Int32
  private let prefix: [UInt8]

  /// Makes a model, or returns nil if the vocabulary lacks the unknown token.
  public init?(
    vocabulary: Vocabulary, unknownToken: String = "[UNK]", continuingPrefix: String = "##",
    longestWord: Int = 100
  ) {
    guard let unknownID = vocabulary.id(of: unknownToken) else { return nil }
    self.vocabulary = vocabulary
    self.unknownToken = unknownToken
    self.continuingPrefix = continuingPrefix
    self.longestWord = longestWord
    self.unknownID = unknownID
    prefix = Array(continuingPrefix.utf8)
  }

  /// Appends the pieces of one word, or the unknown token for all of it.
  @inline(__always)
  func appendPieces(
    of word: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, to pieces: inout PieceList
  ) {
    // Most words are pieces themselves.
    let all = UnsafeBufferPointer(rebasing: bytes[word])
    if word.count <= longestWord, let id = vocabulary.id(of: all) {
      return pieces.append(id, word)
    }
    appendSeveralPieces(of: word, in: bytes, to: &pieces)
  }

  private func appendSeveralPieces(
    of word: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>, to pieces: inout PieceList
  ) {
    guard !isTooLong(word, bytes) else { return pieces.append(unknownID, word) }
    let countBefore = pieces.ids.count
    var start = word.lowerBound
    while start < word.upperBound {
      let rest = UnsafeBufferPointer(rebasing: bytes[start..<word.upperBound])
      let before = start > word.lowerBound ? prefix : []
      guard let (id, length) = vocabulary.longestPrefix(of: rest, after: before) else {
        pieces.truncate(to: countBefore)
        return pieces.append(unknownID, word)
      }
      pieces.append(id, start..<start + length)
      start += length
    }
  }

  private func isTooLong(_ word: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard word.count > longestWord else { return false }
    return bytes[word].count { $0 & 0xC0 != 0x80 } > longestWord
  }
}
