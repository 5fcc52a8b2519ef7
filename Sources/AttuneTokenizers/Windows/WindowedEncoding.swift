// SPDX-License-Identifier: Apache-2.0

/// A text, or a pair of texts, as windows over its tokens; each is an encoding with its own special tokens.
///
/// All windows of a text are equally long: the last one ends with the text. A window is made when it is asked for, so a
/// text of a million tokens costs its ids and no more.
public struct WindowedEncoding: Sendable, RandomAccessCollection {
  private let layout: [TemplatePostProcessor.Item]
  private let texts: [PieceList]
  /// Which of the texts the windows slide over; the other stands whole in each.
  private let sliding: Int
  /// Pieces of that text in a window.
  private let room: Int
  private let stride: Int
  /// How many windows there are; one for a text that fits.
  public let count: Int
  /// Tokens that no window holds: of the shorter text of a pair, where it alone would fill more than half a window.
  public let truncatedCount: Int

  init(_ pieces: [PieceList], _ layout: [TemplatePostProcessor.Item], _ windowing: Windowing) {
    var texts = pieces
    let space = Swift.max(texts.count, windowing.length - layout.count(where: \.isSpecial))
    let counts = texts.map(\.ids.count)
    sliding = counts.count > 1 && counts[1] >= counts[0] ? 1 : 0
    if counts.count > 1, counts[0] + counts[1] > space {
      texts[1 - sliding].truncate(to: space / 2)
    }
    let whole = counts.count > 1 ? texts[1 - sliding].ids.count : 0
    room = Swift.min(counts[sliding], space - whole)
    truncatedCount = counts.count > 1 ? counts[1 - sliding] - whole : 0
    // Windows further apart than they are long would skip tokens.
    stride = Swift.max(1, Swift.min(windowing.stride, room))
    count = (counts[sliding] - room + stride - 1) / stride + 1
    (self.texts, self.layout) = (texts, layout)
  }

  /// Tokens of the text or the texts without special ones, those in no window included.
  public var pieceCount: Int { texts.reduce(truncatedCount) { $0 + $1.ids.count } }

  /// Tokens of each window, special ones included.
  public var windowLength: Int {
    layout.count(where: \.isSpecial) + room
      + (texts.count > 1 ? texts[1 - sliding].ids.count : 0)
  }

  /// The index of the first window.
  public var startIndex: Int { 0 }
  /// The number of windows.
  public var endIndex: Int { count }

  /// The pieces of the sliding text that stand in a window.
  public func range(ofWindow index: Int) -> Range<Int> {
    let first = Swift.min(index * stride, texts[sliding].ids.count - room)
    return first..<first + room
  }

  /// The window of an index.
  ///
  /// The tokens that were cut off are counted in the last window.
  public subscript(index: Int) -> Encoding {
    precondition(indices.contains(index), "window \(index) of \(count)")
    var encoding = Encoding()
    encoding.truncatedCount = index == count - 1 ? truncatedCount : 0
    encoding.ids.reserveCapacity(windowLength)
    for item in layout {
      switch item {
      case .special(let id, let segment): encoding.append(special: id, segment)
      case .text(let isSecond, let segment):
        let place = isSecond ? 1 : 0
        let range = place == sliding ? range(ofWindow: index) : 0..<texts[place].ids.count
        encoding.append(texts[place], range, segment)
      }
    }
    return encoding
  }
}

extension Encoding {
  fileprivate mutating func append(special id: Int32, _ segment: UInt8) {
    ids.append(id)
    segments.append(segment)
    offsets.append(0..<0)
    isSpecial.append(true)
  }

  fileprivate mutating func append(_ pieces: PieceList, _ range: Range<Int>, _ segment: UInt8) {
    ids += pieces.ids[range]
    segments += repeatElement(segment, count: range.count)
    // Untracked offsets are empty, but there.
    offsets += pieces.tracksRanges ? Array(pieces.ranges[range]) : range.map { _ in 0..<0 }
    isSpecial += repeatElement(false, count: range.count)
  }
}

extension Tokenizer {
  /// Returns a text, or a pair of texts, as windows that overlap.
  ///
  /// In a pair the windows slide over the longer text, and the shorter one stands in each of them.
  /// - Parameter tracksOffsets: Whether offsets into the source are wanted; without them all are empty, which is faster.
  public func encodeWindows(
    _ text: String, pair: String? = nil, _ windowing: Windowing, tracksOffsets: Bool = true
  ) -> WindowedEncoding {
    let texts = [text] + (pair.map { [$0] } ?? [])
    return WindowedEncoding(
      texts.map { pipeline.pieces(of: $0, tracksRanges: tracksOffsets) },
      layout(forPair: pair != nil), windowing)
  }
}
