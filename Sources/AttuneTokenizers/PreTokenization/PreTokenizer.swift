// SPDX-License-Identifier: Apache-2.0

/// The second stage: how normalised text is cut into words.
public indirect enum PreTokenizer: Sendable, Equatable {
  /// The words of BERT.
  case bert
  /// The words of GPT-2 and RoBERTa, for models that write bytes.
  case byteLevel(ByteLevelPreTokenizer)
  /// Spaces written as marks that begin words.
  case metaspace(Metaspace)
  /// Runs of word characters and runs of other characters; white space goes.
  case whitespace
  /// Whatever stands between white space.
  case whitespaceSplit
  /// Cut at each punctuation mark.
  case punctuation(SplitBehavior)
  /// Cut at numerals: at each one, or at runs of them.
  case digits(individually: Bool)
  /// Cut at a pattern.
  case split(SplitPreTokenizer)
  /// One after the other, each on the words of the one before.
  case sequence([PreTokenizer])

  /// Whether it changes the text instead of cutting it only.
  var rewrites: Bool {
    switch self {
    case .byteLevel(let byteLevel): byteLevel.addsPrefixSpace
    case .metaspace: true
    case .sequence(let stages): stages.contains(where: \.rewrites)
    case .bert, .whitespace, .whitespaceSplit, .punctuation, .digits, .split: false
    }
  }

  /// Whether the words depend on where in the source they stand.
  var asksForSources: Bool {
    switch self {
    case .metaspace(let metaspace): metaspace.prefix == .first
    case .sequence(let stages): stages.contains(where: \.asksForSources)
    default: false
    }
  }

  /// Calls `body` with each word of the range, in order; for those that only cut.
  @inline(__always)
  func forEachWord(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    switch self {
    case .bert: BERTPreTokenizer.forEachWord(in: bytes, range, body)
    case .byteLevel(let byteLevel): byteLevel.forEachWord(in: bytes, range, body)
    default: forEachRareWord(in: bytes, range, body)
    }
  }

  private func forEachRareWord(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    switch self {
    case .bert, .byteLevel: forEachWord(in: bytes, range, body)
    case .metaspace: body(range)
    case .whitespace: WhitespacePreTokenizer.forEachWord(in: bytes, range, body)
    case .whitespaceSplit: WhitespaceSplit.forEachWord(in: bytes, range, body)
    case .punctuation(let behavior):
      behavior.forEachPiece(of: .scalars(.punctuation), invertedly: false, in: bytes, range, body)
    case .digits(let individually):
      let behavior: SplitBehavior = individually ? .isolated : .contiguous
      behavior.forEachPiece(of: .scalars(.numeral), invertedly: false, in: bytes, range, body)
    case .split(let split): split.forEachWord(in: bytes, range, body)
    case .sequence(let stages): Self.forEachWord(of: stages[...], in: bytes, range, body)
    }
  }

  private static func forEachWord(
    of stages: ArraySlice<PreTokenizer>, in bytes: UnsafeBufferPointer<UInt8>,
    _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    guard let first = stages.first else { return range.isEmpty ? () : body(range) }
    first.forEachWord(in: bytes, range) {
      forEachWord(of: stages.dropFirst(), in: bytes, $0, body)
    }
  }

  /// Cuts the words further, and changes their text where it does so.
  func apply(to words: inout PreTokenizedText) {
    switch self {
    case .sequence(let stages):
      for stage in stages { stage.apply(to: &words) }
    case .byteLevel(let byteLevel):
      if byteLevel.addsPrefixSpace { words.prefixSpaces() }
      words.cut { byteLevel.forEachWord(in: $0, $1, $2) }
    case .metaspace(let metaspace): metaspace.apply(to: &words)
    case .bert, .whitespace, .whitespaceSplit, .punctuation, .digits, .split:
      words.cut { forEachWord(in: $0, $1, $2) }
    }
  }

  /// Returns the words of a normalised text.
  public func words(of text: String) -> [String] {
    var text = text
    return text.withUTF8 { bytes in
      var normalized = NormalizedText(tracksSources: asksForSources)
      normalized.appendVerbatim(bytes, 0..<bytes.count)
      var words = PreTokenizedText(normalized, 0..<bytes.count)
      apply(to: &words)
      return words.words.map { String(decoding: words.text.bytes[$0], as: UTF8.self) }
    }
  }
}
