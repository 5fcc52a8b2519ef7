// SPDX-License-Identifier: Apache-2.0

/// The first stage: what happens to the characters before the text is cut into words.
public indirect enum Normalizer: Sendable, Equatable {
  /// The normalisation of BERT.
  case bert(BERTNormalizer)
  /// The rules that a SentencePiece model carries.
  case precompiled(PrecompiledNormalizer)
  /// A normal form of Unicode.
  case form(NormalForm)
  /// Letters become lowercase, each scalar on its own.
  case lowercase
  /// Combining marks go; what is composed stays.
  case stripAccents
  /// White space goes from the beginning, the end, or both.
  case strip(left: Bool, right: Bool)
  /// Controls go and the spaces of many kinds become one, as in machine translation.
  case nmt
  /// Text is put before the beginning of what is not empty.
  case prepend(String)
  /// Text is replaced wherever it stands.
  case replace(ReplaceNormalizer)
  /// Every byte becomes the character that byte-level vocabularies write it with.
  case byteLevel
  /// One after the other.
  case sequence([Normalizer])

  /// Replaces `normalized` with the normalised bytes of a range of the source.
  func normalize(
    _ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into normalized: inout NormalizedText
  ) {
    if case .bert(let normalizer) = self {
      return normalizer.normalize(source, range, into: &normalized)
    }
    let view = TextView(source: source, range, tracksSources: normalized.tracksSources)
    apply(view, into: &normalized)
  }

  private func apply(_ view: TextView, into normalized: inout NormalizedText) {
    switch self {
    case .sequence(let stages): return Self.apply(stages, view, into: &normalized)
    case .bert(let normalizer):
      normalizer.normalize(view.bytes, view.range, into: &normalized)
      return normalized.replaceSources(by: view)
    default: break
    }
    var writer = TextWriter(view, reusing: &normalized)
    switch self {
    case .precompiled(let normalizer): normalizer.apply(view, to: &writer)
    case .form(let form): form.apply(view, to: &writer)
    case .lowercase: ScalarNormalizers.lowercase(view, to: &writer)
    case .stripAccents: ScalarNormalizers.stripAccents(view, to: &writer)
    case .strip(let left, let right):
      ScalarNormalizers.strip(view, left: left, right: right, to: &writer)
    case .nmt: ScalarNormalizers.nmt(view, to: &writer)
    case .prepend(let text): ScalarNormalizers.prepend(text, view, to: &writer)
    case .replace(let normalizer): normalizer.apply(view, to: &writer)
    case .byteLevel: ScalarNormalizers.byteLevel(view, to: &writer)
    case .bert, .sequence: break
    }
    writer.finish(into: &normalized)
  }

  private static func apply(
    _ stages: [Normalizer], _ view: TextView, into normalized: inout NormalizedText
  ) {
    guard let first = stages.first else {
      var writer = TextWriter(view, reusing: &normalized)
      writer.keep(view.range)
      return writer.finish(into: &normalized)
    }
    first.apply(view, into: &normalized)
    guard stages.count > 1 else { return }
    var previous = NormalizedText(tracksSources: normalized.tracksSources)
    for stage in stages.dropFirst() {
      swap(&previous, &normalized)
      previous.bytes.withUnsafeBufferPointer { bytes in
        let view = TextView(bytes, 0..<bytes.count, runs: previous.runs)
        stage.apply(view, into: &normalized)
      }
    }
  }

  /// Returns the normalised text.
  public func normalize(_ text: String) -> String {
    var text = text
    return text.withUTF8 { source in
      var normalized = NormalizedText(tracksSources: false)
      normalize(source, 0..<source.count, into: &normalized)
      return String(decoding: normalized.bytes, as: UTF8.self)
    }
  }

  /// Returns whether both do the same to every text.
  public static func == (left: Normalizer, right: Normalizer) -> Bool {
    switch (left, right) {
    case (.bert(let left), .bert(let right)): left == right
    case (.precompiled(let left), .precompiled(let right)): left == right
    case (.form(let left), .form(let right)): left == right
    case (.lowercase, .lowercase), (.stripAccents, .stripAccents), (.nmt, .nmt),
      (.byteLevel, .byteLevel):
      true
    case (.strip(let left, let right), .strip(let otherLeft, let otherRight)):
      left == otherLeft && right == otherRight
    case (.prepend(let left), .prepend(let right)): left.utf8.elementsEqual(right.utf8)
    case (.replace(let left), .replace(let right)): left == right
    case (.sequence(let left), .sequence(let right)): left == right
    default: false
    }
  }
}
