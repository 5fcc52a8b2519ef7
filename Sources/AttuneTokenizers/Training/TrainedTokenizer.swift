// SPDX-License-Identifier: Apache-2.0

/// How well a tokenizer fits texts: the fewer tokens a word, the less a model has to read.
public struct TokenizerFit: Sendable, Equatable {
  /// How many texts were looked at.
  public let textCount: Int
  /// What stands between white space in them.
  public let wordCount: Int
  /// The bytes of the texts.
  public let byteCount: Int
  /// The tokens of the texts, without those around them.
  public let tokenCount: Int
  /// How many of the tokens are unknown.
  public let unknownCount: Int

  /// Tokens for each word; 0 where there is no word.
  public var tokensPerWord: Double {
    wordCount == 0 ? 0 : Double(tokenCount) / Double(wordCount)
  }

  /// Bytes of text for each token; 0 where there is none.
  public var bytesPerToken: Double {
    tokenCount == 0 ? 0 : Double(byteCount) / Double(tokenCount)
  }

  init(_ tokenizer: Tokenizer, on counter: WordCounter) {
    (textCount, wordCount) = (counter.textCount, counter.spacedWordCount)
    byteCount = counter.byteCount
    let unknown = tokenizer.unknownID
    var (tokens, unknowns) = (0, 0)
    var pieces = PieceList(tracksRanges: false)
    counter.forEachWord { word, count in
      pieces.truncate(to: 0)
      tokenizer.model.appendPieces(of: word, 0..<word.count, cutBy: nil, to: &pieces)
      tokens += count * pieces.ids.count
      unknowns += count * pieces.ids.count { $0 == unknown }
    }
    (tokenCount, unknownCount) = (tokens, unknowns)
  }
}

/// What the training of a tokenizer came to.
public struct TrainedTokenizer: Sendable {
  /// The tokenizer.
  public let tokenizer: Tokenizer
  /// How many texts it was learned from.
  public let textCount: Int
  /// How many distinct words those hold.
  public let distinctWordCount: Int
  /// How well it fits texts that it was not learned from; nil: none were kept.
  public let fit: TokenizerFit?
}

/// Where the training of a tokenizer stands.
public enum TokenizerProgress: Sendable, Equatable {
  /// Words are being counted.
  case counting(texts: Int)
  /// Pieces are being merged; the vocabulary grows towards `of`.
  case merging(vocabularySize: Int, of: Int)
  /// Pieces are being taken away, down to `of`.
  case pruning(pieces: Int, of: Int)
}
