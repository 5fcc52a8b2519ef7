// SPDX-License-Identifier: Apache-2.0

/// How documents are cut into what a model sees at once. Nothing is ever filled up: a window has the tokens that it has.
public enum CorpusPacking: String, Sendable, Hashable, Codable, CaseIterable {
  /// Windows are full: documents follow each other, with a separator where one ends and the next begins (Liu et al. 2019, section 4.2,
  /// "full sentences").
  case continuous
  /// A window has tokens of one document alone; a document that is longer than a window is cut into parts of like length.
  case documents

  /// The windows of a corpus, in its order.
  ///
  /// - Parameter capacity: Tokens that a window holds, without the special tokens around them.
  public func windows(of corpus: TokenCorpus, capacity: Int) -> [CorpusWindow] {
    precondition(capacity > 0, "windows of \(capacity) tokens")
    return switch self {
    case .continuous: Self.fullWindows(of: corpus, capacity)
    case .documents: Self.documentWindows(of: corpus, capacity)
    }
  }

  private static func fullWindows(of corpus: TokenCorpus, _ capacity: Int) -> [CorpusWindow] {
    var windows: [CorpusWindow] = []
    var (start, position, used) = (0, 0, 0)
    for document in 0..<corpus.documentCount {
      let end = corpus.range(ofDocument: document).upperBound
      // The separator between two documents takes a place, too.
      if position > start { used += 1 }
      if used >= capacity {
        windows.append(CorpusWindow(start..<position))
        (start, used) = (position, 0)
      }
      while position < end {
        let taken = min(capacity - used, end - position)
        (position, used) = (position + taken, used + taken)
        if used == capacity {
          windows.append(CorpusWindow(start..<position))
          (start, used) = (position, 0)
        }
      }
    }
    if position > start { windows.append(CorpusWindow(start..<position)) }
    return windows
  }

  private static func documentWindows(of corpus: TokenCorpus, _ capacity: Int) -> [CorpusWindow] {
    (0..<corpus.documentCount).flatMap { document in
      let range = corpus.range(ofDocument: document)
      let parts = (range.count + capacity - 1) / capacity
      return (0..<parts).map { part in
        CorpusWindow(
          range.lowerBound + range.count * part / parts..<range.lowerBound
            + range.count * (part + 1) / parts)
      }
    }
  }
}

/// A stretch of a corpus that a model sees at once.
public struct CorpusWindow: Sendable, Hashable {
  /// Its tokens.
  public let range: Range<Int>

  /// A window over a range of tokens, of which there is at least one.
  public init(_ range: Range<Int>) {
    precondition(!range.isEmpty, "a window without tokens")
    self.range = range
  }
}

/// A corpus with the special tokens that its windows are read with.
public struct PackedCorpus: Sendable {
  /// The documents.
  public let corpus: TokenCorpus
  /// How they are cut.
  public let packing: CorpusPacking
  /// Most tokens of a window, special ones included.
  public let windowLength: Int
  /// Begins a window.
  public let classificationID: Int32
  /// Ends a window, and each document in it.
  public let separatorID: Int32

  /// The documents in windows of `windowLength` tokens, two of which are special ones.
  public init(
    _ corpus: TokenCorpus, packing: CorpusPacking, windowLength: Int, classificationID: Int32,
    separatorID: Int32
  ) {
    precondition(windowLength > 2, "windows of \(windowLength) tokens")
    (self.corpus, self.packing, self.windowLength) = (corpus, packing, windowLength)
    (self.classificationID, self.separatorID) = (classificationID, separatorID)
  }

  /// All windows, in the order of the documents.
  public var windows: [CorpusWindow] { packing.windows(of: corpus, capacity: windowLength - 2) }

  /// Tokens of a window with all special tokens.
  public func length(of window: CorpusWindow) -> Int {
    window.range.count + borders(in: window).count + 2
  }

  /// The tokens of a window: the first document's begin behind the classification token, a separator stands behind each.
  public func ids(of window: CorpusWindow) -> [Int32] {
    var ids = [classificationID]
    ids.reserveCapacity(window.range.count + 3)
    var start = window.range.lowerBound
    for border in borders(in: window) + [window.range.upperBound] {
      ids += corpus[start..<border]
      ids.append(separatorID)
      start = border
    }
    return ids
  }

  /// First tokens of documents inside the window, without its own first one.
  private func borders(in window: CorpusWindow) -> [Int] {
    var borders: [Int] = []
    var document = corpus.document(at: window.range.lowerBound)
    while corpus.range(ofDocument: document).upperBound < window.range.upperBound {
      borders.append(corpus.range(ofDocument: document).upperBound)
      document += 1
    }
    return borders
  }
}
