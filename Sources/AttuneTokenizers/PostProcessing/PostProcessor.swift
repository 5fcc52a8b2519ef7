// SPDX-License-Identifier: Apache-2.0

/// The fourth stage: what is put around the pieces of one text or of two.
public enum PostProcessor: Sendable, Equatable {
  /// Special tokens at fixed places.
  case template(TemplatePostProcessor)
  /// The special tokens of RoBERTa, and its places in the text.
  case roberta(RobertaPostProcessor)
  /// Nothing around; white space taken from the places in the text.
  case byteLevel(OffsetTrimming)
  /// One after the other; at most one of them puts tokens around.
  case sequence([PostProcessor])

  /// The one part that puts tokens around.
  var template: TemplatePostProcessor? {
    switch self {
    case .template(let template): template
    case .roberta(let roberta): roberta.template
    case .byteLevel: nil
    case .sequence(let parts): parts.lazy.compactMap(\.template).first
    }
  }

  /// What is done to the places of pieces in the text, in order.
  var trimmings: [OffsetTrimming] {
    switch self {
    case .template: []
    case .roberta(let roberta): roberta.trimming.isOn ? [roberta.trimming] : []
    case .byteLevel(let trimming): trimming.isOn ? [trimming] : []
    case .sequence(let parts): parts.flatMap(\.trimmings)
    }
  }
}
