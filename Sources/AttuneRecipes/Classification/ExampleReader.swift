// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// Turns texts into what a model learns from and is judged by.
struct ExampleReader {
  private let tokenizer: Tokenizer
  private let settings: ClassifierSettings
  private let hasSegments: Bool

  init(_ tokenizer: Tokenizer, _ plan: ClassifierPlan, isPair: Bool) {
    self.tokenizer = tokenizer
    settings = plan.settings
    hasSegments = isPair && (plan.configuration?.encoder.segmentCount ?? 2) > 1
  }

  /// Texts with what should be said of them, and how much of them was read.
  typealias Result = (examples: [ClassificationExample], reading: TruncationReport)

  /// Examples to learn from: of a long text the windows that the settings name.
  func training(_ set: LabelledTextSet, _ targets: [ClassificationTarget]) -> Result {
    switch settings.trainingWindows ?? .random {
    case .first: return read(set, targets, windowLimit: 1)
    case .random: return read(set, targets)
    case .all:
      var result = read(set, targets)
      result.examples = result.examples.flatMap { example in
        example.windows.map { ClassificationExample(windows: [$0], target: example.target) }
      }
      return result
    }
  }

  /// Examples to be judged by: all windows of each text.
  func validation(_ set: LabelledTextSet, _ targets: [ClassificationTarget]) -> Result {
    read(set, targets)
  }

  private func read(
    _ set: LabelledTextSet, _ targets: [ClassificationTarget], windowLimit: Int = .max
  ) -> Result {
    var reading = TruncationReport()
    let texts = Parallel.map(set.examples.count, chunk: 64) {
      tokenize(TextParts(set.examples[$0].parts), windowLimit: windowLimit)
    }
    for text in texts {
      reading.count(read: text.readCount, cut: text.cutCount, windows: text.windows.count)
    }
    let examples = zip(texts, targets).map { text, target in
      ClassificationExample(windows: text.windows, target: target)
    }
    return (examples, reading)
  }

  private struct Tokenized {
    let windows: [TokenWindow]
    let readCount: Int
    let cutCount: Int
  }

  private func tokenize(_ parts: TextParts, windowLimit: Int) -> Tokenized {
    guard let windowing = settings.windowing else {
      let encoding = tokenizer.encode(parts, maximumLength: settings.maximumLength ?? 256)
      return Tokenized(
        windows: [window(encoding)], readCount: encoding.isSpecial.count { !$0 },
        cutCount: encoding.truncatedCount)
    }
    let windows = tokenizer.encodeWindows(
      parts.text, pair: parts.pair, windowing, tracksOffsets: false)
    let chosen = windows.prefix(windowLimit)
    let rest = windows.count - chosen.count
    // Windows overlap: what the last of those left out shares with the last one taken has been read.
    let unread =
      rest == 0
      ? 0
      : windows.range(ofWindow: windows.count - 1).upperBound
        - windows.range(ofWindow: chosen.count - 1).upperBound
    return Tokenized(
      windows: chosen.map(window),
      readCount: windows.pieceCount - windows.truncatedCount - unread,
      cutCount: windows.truncatedCount + unread)
  }

  private func window(_ encoding: Encoding) -> TokenWindow {
    TokenWindow(ids: encoding.ids, segments: hasSegments ? encoding.segments : nil)
  }

  /// What the user should know of texts that were cut or read by windows.
  func notes(_ training: TruncationReport, _ validation: TruncationReport) -> [String] {
    var notes: [String] = []
    let reads = settings.windowing != nil
    for (name, report) in [("training", training), ("validation", validation)] {
      if report.windowedTextCount > 0, let windowing = settings.windowing {
        notes.append(
          "\(report.windowedTextCount) of \(report.textCount) \(name) texts are read by windows of "
            + "\(windowing.length) tokens, one every \(windowing.stride)")
      }
      guard report.cutTextCount > 0 else { continue }
      let share = (1_000 * report.cutShare).rounded() / 10
      notes.append(
        "\(report.cutTextCount) of \(report.textCount) \(name) texts are longer than "
          + "\(settings.windowing?.length ?? settings.maximumLength ?? 256) tokens: \(report.cutTokenCount) of "
          + "\(report.tokenCount) tokens (\(share) %) are not read "
          + (reads ? "(--train-windows)" : "(--max-length, --window)"))
    }
    return notes
  }
}
