// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import AttunePipelines

/// All that is to be said of an encoder without a classifier.
struct EncoderInspection: ResultDocument {
  private let folder: FolderInspection
  private let summary: ModelSummary

  init(_ folder: FolderInspection) {
    self.folder = folder
    summary = ModelSummary(
      architecture: JSONObject(ModelSummary.architecture(of: folder.configuration)),
      parts: folder.parts)
  }

  /// The document that `--json` prints.
  var json: JSONValue {
    let members: [(String, JSONValue)] = [
      ("model", .string(folder.path)),
      ("architecture", .object(summary.architecture)),
      ("parameters", .integer(summary.parameterCount)),
      ("modules", summary.partsJSON),
      ("tokenizer", folder.tokenizer?.json ?? .null),
      ("maximum_length", .integer(folder.maximumLength)),
    ]
    return .object(JSONObject(members + folder.members))
  }

  /// The tables for people.
  var text: String {
    var facts = TextTable(.left)
    facts.append(["model", folder.path])
    for row in folder.rows { facts.append(row) }
    facts.append(["longest text", "\(folder.maximumLength.grouped) tokens"])
    facts.append(["tokenizer", folder.tokenizer?.summary ?? "none that can be read"])
    for row in summary.architectureRows { facts.append(row) }
    return facts.text + "\n\(summary.partsTable.text)\n\(folder.useTable.text)"
  }
}
