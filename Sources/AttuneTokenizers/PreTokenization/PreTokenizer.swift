// SPDX-License-Identifier: Apache-2.0

/// The second stage: how normalised text is cut into words.
public enum PreTokenizer: Sendable, Equatable {
  /// The words of BERT.
  case bert

  /// Calls `body` with each word of the range, in order.
  @inline(__always)
  func forEachWord(
    in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    switch self {
    case .bert: BERTPreTokenizer.forEachWord(in: bytes, range, body)
    }
  }

  /// Returns the words of a normalised text.
  public func words(of text: String) -> [String] {
    var text = text
    return text.withUTF8 { bytes in
      var words: [String] = []
      forEachWord(in: bytes, 0..<bytes.count) {
        words.append(String(decoding: bytes[$0], as: UTF8.self))
      }
      return words
    }
  }
}
