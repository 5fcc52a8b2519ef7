// SPDX-License-Identifier: Apache-2.0

internal import AttuneLayers
internal import AttuneModels
internal import AttuneTensors
internal import AttuneTokenizers

/// A text after the model has seen all of it that it is shown.
struct ReadText {
  /// The mean over its windows.
  let outputs: [Float]
  let truncatedCount: Int
  let tokenCount: Int
  let windowCount: Int
}

/// A text as the model will see it.
private enum TokenizedText {
  /// At once; what does not fit is cut off.
  case whole(Encoding)
  /// By windows.
  case windows(WindowedEncoding)

  var windowCount: Int {
    switch self {
    case .whole: 1
    case .windows(let windows): windows.count
    }
  }

  /// Tokens of each window.
  var windowLength: Int {
    switch self {
    case .whole(let encoding): encoding.ids.count
    case .windows(let windows): windows.windowLength
    }
  }

  var truncatedCount: Int {
    switch self {
    case .whole(let encoding): encoding.truncatedCount
    case .windows(let windows): windows.truncatedCount
    }
  }

  /// Tokens that the model sees, special ones left out.
  var tokenCount: Int {
    switch self {
    case .whole(let encoding): encoding.isSpecial.count { !$0 }
    case .windows(let windows): windows.pieceCount - windows.truncatedCount
    }
  }

  subscript(window: Int) -> Encoding {
    switch self {
    case .whole(let encoding): encoding
    case .windows(let windows): windows[window]
    }
  }
}

extension TextClassification {
  /// Tokens that one thread works on at a time: what it computes stays in its caches.
  private static let tokenBudget = 512

  /// One window of one text.
  private struct Place {
    let text: Int
    let window: Int
    let length: Int
  }

  /// Shows the model all windows of all texts, the shortest first, a few at a time: a text may be of any length.
  func read(_ rows: [TextParts]) -> [ReadText] {
    read(rows) { model.logits($0, mode: .inference) }
  }

  /// Returns what the last layer tells the labels of rows by, and the scores that it makes of that, in the rows' order; of a text of
  /// several windows the means.  rows -> [dimension], [labels] of each
  public func featuresAndLogits(
    _ rows: [TextParts]
  ) -> [(features: ArraySlice<Float>, logits: ArraySlice<Float>)] {
    let width = model.head.classifier.weight.inputCount
    let texts = read(rows) { tokens in
      let features = model.features(tokens, mode: .inference)
      return .concatenatingColumns([features, model.head.classifier(features)])
    }
    return texts.map { ($0.outputs[..<width], $0.outputs[width...]) }
  }

  /// - Parameter outputs: Gives a row for each window.
  private func read(_ rows: [TextParts], _ outputs: (TokenBatch) -> Tensor) -> [ReadText] {
    let texts = Parallel.map(rows.count, chunk: 16) { tokenize(rows[$0]) }
    var places = texts.indices.flatMap { text in
      (0..<texts[text].windowCount).map {
        Place(text: text, window: $0, length: texts[text].windowLength)
      }
    }
    places.sort { ($0.length, $0.text, $0.window) < ($1.length, $1.text, $1.window) }
    let batches = Self.batches(of: places)
    let parts = Parallel.map(batches.count) { index in
      outputs(tokens(of: places[batches[index]].map { texts[$0.text][$0.window] })).values
    }
    let width = batches.isEmpty ? labels.count : parts[0].count / batches[0].count
    var sums = [Double](repeating: 0, count: texts.count * width)
    for (batch, values) in zip(batches, parts) {
      for (row, place) in places[batch].enumerated() {
        for column in 0..<width {
          sums[place.text * width + column] += Double(values[row * width + column])
        }
      }
    }
    return texts.enumerated().map { index, text in
      ReadText(
        outputs: sums[index * width..<(index + 1) * width].map {
          Float($0 / Double(text.windowCount))
        }, truncatedCount: text.truncatedCount, tokenCount: text.tokenCount,
        windowCount: text.windowCount)
    }
  }

  private static func batches(of places: [Place]) -> [Range<Int>] {
    var batches: [Range<Int>] = []
    var (first, tokens) = (0, 0)
    for (index, place) in places.enumerated() {
      if index > first, tokens + place.length > tokenBudget {
        batches.append(first..<index)
        (first, tokens) = (index, 0)
      }
      tokens += place.length
    }
    if first < places.count { batches.append(first..<places.count) }
    return batches
  }

  private func tokenize(_ row: TextParts) -> TokenizedText {
    guard let windowing = settings.windowing else {
      return .whole(tokenizer.encode(row, maximumLength: settings.maximumLength))
    }
    return .windows(
      tokenizer.encodeWindows(row.text, pair: row.pair, windowing, tracksOffsets: false))
  }

  private func tokens(of encodings: [Encoding]) -> TokenBatch {
    let hasSegments = configuration.encoder.segmentCount > 1
    return TokenBatch(
      ids: encodings.flatMap(\.ids),
      segments: hasSegments ? encodings.flatMap(\.segments) : nil,
      layout: SequenceLayout(lengths: encodings.map(\.ids.count)))
  }
}
