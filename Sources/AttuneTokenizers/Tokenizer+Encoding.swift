// SPDX-License-Identifier: Apache-2.0

extension Tokenizer {
  /// Returns the ids of a text, or of a pair of texts, with the special tokens around them.
  ///
  /// Beyond `maximumLength` ids the text is cut as `truncation` says: usually the end goes, of a pair
  /// the end of the longer one until both are equally long. The special tokens are always kept, even
  /// where nothing else fits.
  public func encode(_ text: String, pair: String? = nil, maximumLength: Int? = nil) -> Encoding {
    var texts = [pipeline.pieces(of: text, tracksRanges: true)]
    if let pair { texts.append(pipeline.pieces(of: pair, tracksRanges: true)) }
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
    var texts = [pipeline.pieces(of: text, tracksRanges: false)]
    if let pair { texts.append(pipeline.pieces(of: pair, tracksRanges: false)) }
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
  public func pieceIDs(of text: String) -> [Int32] {
    pipeline.pieces(of: text, tracksRanges: false).ids
  }

  /// How many special tokens stand around one text, or around two.
  public func specialTokenCount(forPair isPair: Bool) -> Int {
    layout(forPair: isPair).count(where: \.isSpecial)
  }

  func layout(forPair isPair: Bool) -> [TemplatePostProcessor.Item] {
    isPair ? template.pair : template.single
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
}
