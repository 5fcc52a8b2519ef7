// SPDX-License-Identifier: Apache-2.0

/// Cuts a word into the longest pieces of a vocabulary, from left to right.
public struct WordPiece: Sendable, Equatable {
  /// Everything, behind one reference: a model is copied wherever words are cut.
  let rules: WordPieceRules

  /// The pieces with their ids.
  public var vocabulary: Vocabulary { rules.vocabulary }
  /// The token for words that the pieces cannot write.
  public var unknownToken: String { rules.unknownToken }
  /// What pieces begin with that do not begin a word.
  public var continuingPrefix: String { rules.continuingPrefix }
  /// Longer words, in Unicode scalars, are unknown.
  public var longestWord: Int { rules.longestWord }

  /// Makes a model, or returns nil if the vocabulary lacks the unknown token.
  public init?(
    vocabulary: Vocabulary, unknownToken: String = "[UNK]", continuingPrefix: String = "##",
    longestWord: Int = 100
  ) {
    guard let unknownID = vocabulary.id(of: unknownToken) else { return nil }
    rules = WordPieceRules(
      vocabulary: vocabulary, unknownToken: unknownToken, unknownID: unknownID,
      continuingPrefix: continuingPrefix, longestWord: longestWord)
  }

  /// Returns whether both have the same pieces and settings.
  public static func == (left: WordPiece, right: WordPiece) -> Bool {
    left.rules === right.rules
      || left.unknownToken == right.unknownToken
        && left.continuingPrefix == right.continuingPrefix && left.longestWord == right.longestWord
        && left.vocabulary == right.vocabulary
  }
}

/// The tables of a WordPiece model.
final class WordPieceRules: Sendable {
  let vocabulary: Vocabulary
  let unknownToken: String
  let continuingPrefix: String
  let longestWord: Int

  private let unknownID: Int32
  private let prefix: [UInt8]

  init(
    vocabulary: Vocabulary, unknownToken: String, unknownID: Int32, continuingPrefix: String,
    longestWord: Int
  ) {
    self.vocabulary = vocabulary
    (self.unknownToken, self.unknownID) = (unknownToken, unknownID)
    self.continuingPrefix = continuingPrefix
    self.longestWord = longestWord
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
    prefix.withUnsafeBufferPointer { prefix in
      while start < word.upperBound {
        let rest = UnsafeBufferPointer(rebasing: bytes[start..<word.upperBound])
        let before = start > word.lowerBound ? prefix : Vocabulary.noBytes
        guard let (id, length) = vocabulary.longestPrefix(of: rest, after: before) else {
          pieces.truncate(to: countBefore)
          return pieces.append(unknownID, word)
        }
        pieces.append(id, start..<start + length)
        start += length
      }
    }
  }

  private func isTooLong(_ word: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard word.count > longestWord else { return false }
    return bytes[word].count { $0 & 0xC0 != 0x80 } > longestWord
  }
}
