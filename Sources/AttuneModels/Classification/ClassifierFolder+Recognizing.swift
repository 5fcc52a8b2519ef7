// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
internal import AttuneFormats

extension ClassifierFolder {
  /// What `attune.json` calls the task of every classifier.
  public static let attuneTask = "text-classification"

  /// Whether a folder is that of a classifier with its head: one of ours, or one whose class says so.
  public static func isClassifier(_ folder: ModelFolder) throws -> Bool {
    let json = try folder.configuration()
    let architectures = try json.has("architectures") ? json.strings(at: "architectures") : []
    return try architectures.contains { $0.hasSuffix("ForSequenceClassification") }
      || folder.attune()?.optionalString(at: "task") == attuneTask || json.isOwnClassifier
  }
}
