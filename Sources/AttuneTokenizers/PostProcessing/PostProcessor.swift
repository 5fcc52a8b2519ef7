// SPDX-License-Identifier: Apache-2.0

/// The fourth stage: what is put around the pieces of one text or of two.
public enum PostProcessor: Sendable, Equatable {
  /// Special tokens at fixed places.
  case template(TemplatePostProcessor)

  /// Returns what stands where around one text or two.
  func layout(forPair isPair: Bool) -> [TemplatePostProcessor.Item] {
    switch self {
    case .template(let template): isPair ? template.pair : template.single
    }
  }
}
