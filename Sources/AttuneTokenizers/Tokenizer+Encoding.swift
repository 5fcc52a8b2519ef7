// SPDX-License-Identifier: Apache-2.0

extension Tokenizer {
  /// Returns the ids of a text, or of a pair of texts, with the special tokens around them.
  ///
  /// Beyond `maximumLength` ids the text is cut as `truncation` says: usually the end goes, of a pair
  /// the end of the longer one until both are equally long. The special tokens are always kept, even
  /// where nothing else fits.
  public func encode(_ text: String, pair: String? = nil, maximumLength: Int? = nil) -> Encoding {
    var texts = [pieces(of: text, tracksRanges: true)]
    if let pair { texts.append(pieces(of: pair, tracksRanges: true)) }
    let layout = layout(forPair: pair != nil)
    var encoding = Encoding()
    encoding.truncatedCount = truncate(&texts, layout, to: maximumLength)
    trimOffsets(of: &texts[0], in: text)
    if let pair { trimOffsets(of: &texts[1], in: pair) }
    let count = texts.reduce(layout.count) { $0 + $1.ids.count }
    encoding.ids.reserveCapacity(count)
    encoding.segments.reserveCapacity(count)
    encoding.offsets.reserveCapacity(count)
    encoding.isSpecial.reserveCapacity(count)
    for item in layout {
      switch item {
      case .special(let id, let segment):
        encoding.ids.append(id)
        encoding.segments.append(segment)
        encoding.offsets.append(0..<0)
        encoding.isSpecial.append(true)
      case .text(let isSecond, let segment):
        let pieces = texts[isSecond ? 1 : 0]
        encoding.ids += pieces.ids
        encoding.segments += repeatElement(segment, count: pieces.ids.count)
        encoding.offsets += pieces.ranges
        encoding.isSpecial += repeatElement(false, count: pieces.ids.count)
      }
    }
    return encoding
  }

  /// Returns the ids alone, for when speed counts; they are those of `encode`.
  public func encodeIDs(
    _ text: String, pair: String? = nil, maximumLength: Int? = nil
  ) -> [Int32] {
    var texts = [pieces(of: text, tracksRanges: false)]
    if let pair { texts.append(pieces(of: pair, tracksRanges: false)) }
    let layout = layout(forPair: pair != nil)
    _ = truncate(&texts, layout, to: maximumLength)
    var ids: [Int32] = []
    ids.reserveCapacity(texts.reduce(layout.count) { $0 + $1.ids.count })
    for item in layout {
      switch item {
      case .special(let id, _): ids.append(id)
      case .text(let isSecond, _): ids += texts[isSecond ? 1 : 0].ids
      }
    }
    return ids
  }

  /// Returns the ids of a text without the special tokens around it, for when speed counts.
  public func pieceIDs(of text: String) -> [Int32] { pieces(of: text, tracksRanges: false).ids }

  /// How many special tokens stand around one text, or around two.
  public func specialTokenCount(forPair isPair: Bool) -> Int {
    layout(forPair: isPair).count(where: \.isSpecial)
  }

  func layout(forPair isPair: Bool) -> [TemplatePostProcessor.Item] {
    let template = postProcessor?.template ?? .plain
    return isPair ? template.pair : template.single
  }

  /// Cuts the texts so that they and the special tokens keep to the length; returns how many ids went.
  private func truncate(
    _ texts: inout [PieceList], _ layout: [TemplatePostProcessor.Item], to maximumLength: Int?
  ) -> Int {
    guard let maximumLength else { return 0 }
    return truncation.truncate(
      &texts, to: max(0, maximumLength - layout.count(where: \.isSpecial)))
  }

  private func trimOffsets(of pieces: inout PieceList, in text: String) {
    guard !trimmings.isEmpty else { return }
    var text = text
    text.withUTF8 { bytes in
      for trimming in trimmings {
        trimming.trim(&pieces, in: bytes) { id, range in
          addedIDs.contains(id) ? ArraySlice(bytes[range]) : model.vocabulary[id]
        }
      }
    }
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
