// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

extension TextClassification {
  /// The text columns of the table that the model was trained on; empty when nobody wrote them down.
  public var textColumns: [String] { strings("text_columns") }

  /// The label column of that table, unless labels had columns of their own; nil when nobody wrote it down.
  public var labelColumn: String? { attune?.value?.objectValue?["label_column"]?.stringValue }

  /// The columns of that table that held a label each.
  public var labelColumns: [String] { settings.labelColumns }

  private func strings(_ key: String) -> [String] {
    let columns = attune?.value?.objectValue?[key]?.arrayValue ?? []
    return columns.compactMap(\.stringValue)
  }
}
