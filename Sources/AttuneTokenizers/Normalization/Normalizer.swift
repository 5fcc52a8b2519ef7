// SPDX-License-Identifier: Apache-2.0

/// The first stage: what happens to the characters before the text is cut into words.
public enum Normalizer: Sendable, Equatable {
  /// The normalisation of BERT.
  case bert(BERTNormalizer)

  /// Replaces `normalized` with the normalised bytes of a range of the source.
  func normalize(
    _ source: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into normalized: inout NormalizedText
  ) {
    switch self {
    case .bert(let normalizer): normalizer.normalize(source, range, into: &normalized)
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
}
