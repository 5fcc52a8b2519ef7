// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// How much of some texts was not read because they are longer than what the model sees.
public struct TruncationReport: Sendable, Hashable {
  /// Texts altogether.
  public private(set) var textCount = 0
  /// Texts of which a part was not read.
  public private(set) var cutTextCount = 0
  /// Tokens of all texts, special ones left out.
  public private(set) var tokenCount = 0
  /// Tokens that were not read.
  public private(set) var cutTokenCount = 0
  /// Texts that were read by more than one window.
  public private(set) var windowedTextCount = 0

  /// A report of no text.
  public init() {}

  /// Counts a text.
  ///
  /// - Parameters:
  ///   - read: Tokens that were read, special ones left out.
  ///   - cut: Tokens that were not.
  ///   - windows: Windows that it was read by.
  public mutating func count(read: Int, cut: Int, windows: Int) {
    textCount += 1
    tokenCount += read + cut
    cutTokenCount += cut
    if cut > 0 { cutTextCount += 1 }
    if windows > 1 { windowedTextCount += 1 }
  }

  /// Counts a text that was classified.
  public mutating func count(_ prediction: TextClassification.Prediction) {
    count(
      read: prediction.tokenCount, cut: prediction.truncatedCount, windows: prediction.windowCount)
  }

  /// Part of the tokens that was not read.
  public var cutShare: Double { Double(cutTokenCount) / Double(max(tokenCount, 1)) }

  /// The numbers, under the keys that `--json` prints.
  public var json: JSONValue {
    [
      "texts": .integer(textCount), "cut_texts": .integer(cutTextCount),
      "tokens": .integer(tokenCount), "cut_tokens": .integer(cutTokenCount),
      "windowed_texts": .integer(windowedTextCount),
    ]
  }
}
