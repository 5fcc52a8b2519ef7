// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

extension TextClassification {
  /// The text columns of the table that the model was trained on; empty when nobody wrote them down.
  public var textColumns: [String] {
    let columns = attune?.value?.objectValue?["text_columns"]?.arrayValue ?? []
    return columns.compactMap(\.stringValue)
  }
}
