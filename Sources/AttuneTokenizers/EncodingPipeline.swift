// SPDX-License-Identifier: Apache-2.0

/// The stages from a text to its pieces, behind one reference: a tokenizer is copied wherever texts are encoded, and threads that count
/// the holders of all its tables for every short text mostly wait for each other.
final class EncodingPipeline: Sendable {
  private let normalizer: Normalizer?
  private let preTokenizer: PreTokenizer?
  private let model: SubwordModel
  private let rawMatcher: AddedTokenMatcher
  private let normalizedMatcher: AddedTokenMatcher

  init(
    normalizer: Normalizer?, preTokenizer: PreTokenizer?, model: SubwordModel,
    addedTokens: [AddedToken]
  ) {
    (self.normalizer, self.preTokenizer, self.model) = (normalizer, preTokenizer, model)
    rawMatcher = AddedTokenMatcher(
      addedTokens.filter { !$0.isNormalized }.map { ($0, $0.content) })
    normalizedMatcher = AddedTokenMatcher(
      addedTokens.filter(\.isNormalized).map { token in
        (token, normalizer?.normalize(token.content) ?? token.content)
      })
  }

  /// Returns the pieces of a text without anything around them.
  func pieces(of text: String, tracksRanges: Bool) -> PieceList {
    var text = text
    return text.withUTF8 { source in
      var pieces = PieceList(tracksRanges: tracksRanges)
      pieces.ids.reserveCapacity(source.count / 4 + 8)
      if tracksRanges { pieces.ranges.reserveCapacity(source.count / 4 + 8) }
      let copies = normalizer != nil || preTokenizer?.rewrites == true
      let asksForSources = tracksRanges || preTokenizer?.asksForSources == true
      var normalized = NormalizedText(tracksSources: asksForSources)
      rawMatcher.forEachStretch(of: source, 0..<source.count) { range, token in
        if let token {
          pieces.append(token.id, range)
        } else if copies {
          appendPieces(of: source, range, through: &normalized, to: &pieces)
        } else {
          appendPieces(of: source, range, to: &pieces)
        }
      }
      return pieces
    }
  }

  /// Appends the pieces of a range that stays as it is.
  private func appendPieces(
    of source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to pieces: inout PieceList
  ) {
    normalizedMatcher.forEachStretch(of: source, range) { stretch, token in
      if let token { return pieces.append(token.id, stretch) }
      model.appendPieces(of: source, stretch, cutBy: preTokenizer, to: &pieces)
    }
  }

  private func appendPieces(
    of source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>,
    through normalized: inout NormalizedText, to pieces: inout PieceList
  ) {
    if let normalizer {
      normalizer.normalize(source, range, into: &normalized)
    } else {
      normalized.removeAll()
      normalized.appendVerbatim(source, range)
    }
    var cursor = NormalizedText.Cursor()
    normalized.bytes.withUnsafeBufferPointer { bytes in
      normalizedMatcher.forEachStretch(of: bytes, 0..<bytes.count) { stretch, token in
        let before = pieces.ids.count
        if let token {
          pieces.append(token.id, stretch)
        } else if let preTokenizer, preTokenizer.rewrites {
          var words = PreTokenizedText(normalized, stretch)
          preTokenizer.apply(to: &words)
          model.appendPieces(of: words, to: &pieces)
          var wordCursor = NormalizedText.Cursor()
          return pieces.mapRanges(from: before) { wordCursor.source(of: $0, in: words.text) }
        } else {
          model.appendPieces(of: bytes, stretch, cutBy: preTokenizer, to: &pieces)
        }
        pieces.mapRanges(from: before) { cursor.source(of: $0, in: normalized) }
      }
    }
  }
}
