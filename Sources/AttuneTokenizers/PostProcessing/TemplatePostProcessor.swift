// SPDX-License-Identifier: Apache-2.0

/// Special tokens at fixed places around one text or two.
public struct TemplatePostProcessor: Sendable, Equatable {
  /// One place of the result.
  public enum Item: Sendable, Equatable {
    /// A special token.
    case special(id: Int32, segment: UInt8)
    /// All pieces of the first text, or of the second.
    case text(isSecond: Bool, segment: UInt8)

    var isSpecial: Bool { if case .special = self { true } else { false } }
  }

  /// The places for one text.
  public let single: [Item]
  /// The places for two texts.
  public let pair: [Item]

  /// Two texts one after the other, nothing between.
  static let plain = TemplatePostProcessor(
    single: [.text(isSecond: false, segment: 0)],
    pair: [.text(isSecond: false, segment: 0), .text(isSecond: true, segment: 1)])

  /// Makes a template of its places.
  init(single: [Item], pair: [Item]) {
    self.single = single
    self.pair = pair
  }

  /// Makes the template of BERT: `[CLS] a [SEP]` and `[CLS] a [SEP] b [SEP]`.
  public init(classificationID: Int32, separatorID: Int32) {
    single = [
      .special(id: classificationID, segment: 0), .text(isSecond: false, segment: 0),
      .special(id: separatorID, segment: 0),
    ]
    pair = single + [.text(isSecond: true, segment: 1), .special(id: separatorID, segment: 1)]
  }
}
