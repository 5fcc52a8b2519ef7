// SPDX-License-Identifier: Apache-2.0

/// The special tokens of RoBERTa: `<s> a </s>` and `<s> a </s></s> b </s>`, all of one segment.
public struct RobertaPostProcessor: Sendable, Equatable {
  /// What begins a text.
  public let classificationID: Int32
  /// What ends each text and, once more, begins the second.
  public let separatorID: Int32
  /// What is done to the places of pieces in the text.
  public let trimming: OffsetTrimming

  /// Makes the special tokens of RoBERTa.
  public init(classificationID: Int32, separatorID: Int32, trimming: OffsetTrimming) {
    self.classificationID = classificationID
    self.separatorID = separatorID
    self.trimming = trimming
  }

  var template: TemplatePostProcessor {
    let first: [TemplatePostProcessor.Item] = [
      .special(id: classificationID, segment: 0), .text(isSecond: false, segment: 0),
      .special(id: separatorID, segment: 0),
    ]
    return TemplatePostProcessor(
      single: first,
      pair: first + [
        .special(id: separatorID, segment: 0), .text(isSecond: true, segment: 0),
        .special(id: separatorID, segment: 0),
      ])
  }
}
