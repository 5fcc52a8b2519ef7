// SPDX-License-Identifier: Apache-2.0

/// Tokenised documents end to end, without special tokens.
public struct TokenCorpus: Sendable {
  /// Ids count up to this.
  public let vocabularySize: Int
  private var tokens: CompactTokens
  /// First token of each document, and the total at the end: count + 1 rising entries from 0.
  private(set) var starts = [0]

  /// A corpus without documents.
  public init(vocabularySize: Int) {
    self.vocabularySize = vocabularySize
    tokens = CompactTokens(vocabularySize: vocabularySize)
  }

  /// Appends a document; one without tokens is left out.
  public mutating func append(_ document: [Int32]) {
    guard !document.isEmpty else { return }
    tokens.append(document)
    starts.append(tokens.count)
  }

  /// Documents that hold a token.
  public var documentCount: Int { starts.count - 1 }

  /// Tokens of all documents.
  public var tokenCount: Int { tokens.count }

  /// The tokens of a document.
  public func range(ofDocument document: Int) -> Range<Int> {
    starts[document]..<starts[document + 1]
  }

  /// The document that a token belongs to.
  public func document(at token: Int) -> Int {
    var (low, high) = (0, documentCount)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= token { low = middle } else { high = middle }
    }
    return low
  }

  /// Returns the ids of a range of tokens.
  public subscript(range: Range<Int>) -> [Int32] { tokens[range] }

  /// How often each id stands in the corpus.
  public var counts: [Int] {
    var counts = [Int](repeating: 0, count: vocabularySize)
    tokens.forEach { counts[Int($0)] += 1 }
    return counts
  }
}
