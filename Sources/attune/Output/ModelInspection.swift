// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import AttunePipelines
import AttuneTokenizers

/// All that is to be said of a classifier.
struct ModelInspection: ResultDocument {
  private let classifier: TextClassification
  private let path: String?
  private let summary: ModelSummary
  /// The folder, if there is one and its encoder is of a known family.
  private let folder: FolderInspection?

  init(_ classifier: TextClassification, path: String?, folder: FolderInspection? = nil) {
    (self.classifier, self.path, summary) = (classifier, path, classifier.summary)
    self.folder = folder
  }

  private var columns: [String] { classifier.textColumns }

  private var treatment: String {
    let names = columns.map { "'\($0)'" }.joined(separator: ", ")
    let treatment = TextParts.treatment(ofColumns: columns.count)
    return columns.isEmpty
      ? "one text; two columns are a pair (segments 0 and 1), more are joined by spaces"
      : "\(names): \(treatment)"
  }

  /// The document that `--json` prints.
  var json: JSONValue {
    let members: [(String, JSONValue)] = [
      ("model", .string(path ?? "bundled")), ("task", "text-classification"),
      ("kind", .string(classifier.configuration.task.rawValue)),
      ("layout", .string(classifier.layout.rawValue)),
      ("opens_in", .string(classifier.reader)),
      ("architecture", .object(summary.architecture)),
      ("parameters", .integer(summary.parameterCount)), ("modules", summary.partsJSON),
      ("labels", .array(classifier.labels.map { .string($0) })),
      ("tokenizer", classifier.tokenizer.json),
      ("maximum_length", .integer(classifier.maximumLength)),
      ("text_columns", .array(columns.map { .string($0) })), ("texts", .string(treatment)),
      ("training", classifier.attune?.value ?? .null),
    ]
    return .object(JSONObject(members + (folder?.members ?? [])))
  }

  /// The tables for people.
  var text: String {
    var facts = TextTable(.left)
    facts.append(["model", path ?? "bundled: English reviews"])
    facts.append(["opens in", classifier.reader])
    for row in folder?.rows ?? [] { facts.append(row) }
    facts.append(["task", classifier.configuration.task.rawValue])
    facts.append(["labels", classifier.labels.map(\.onOneLine).joined(separator: ", ")])
    facts.append(["texts", treatment])
    facts.append(["longest text", "\(classifier.maximumLength.grouped) tokens"])
    facts.append(["tokenizer", classifier.tokenizer.summary])
    for row in summary.architectureRows { facts.append(row) }
    return [
      facts.text, summary.partsTable.text, folder?.useTable.text ?? "",
      TextTable.facts(classifier.attune).text,
    ].filter { !$0.isEmpty }.joined(separator: "\n")
  }
}

extension TextTable {
  /// A row for each fact of `attune.json`.
  static func facts(_ attune: JSONField?) -> TextTable {
    var table = TextTable(.left)
    func append(_ value: JSONValue, _ name: String) {
      guard let object = value.objectValue else {
        table.append([name.replacing("_", with: " "), value.inline])
        return
      }
      for member in object.members {
        append(member.value, name.isEmpty ? member.key : "\(name).\(member.key)")
      }
    }
    append(attune?.value ?? .object(JSONObject()), "")
    return table
  }
}

extension ModelSummary {
  /// A row for each fact of the architecture.
  var architectureRows: [[String]] {
    architecture.members.map { member in
      let name = member.key.replacing("num_hidden_", with: "").replacing("num_", with: "")
      return [name.replacing("_", with: " "), member.value.inline]
    }
  }

  /// The parts with their share of the trained numbers.
  var partsTable: TextTable {
    var table = TextTable(.left, .right)
    table.append(["part", "parameters", "share"])
    let total = parameterCount
    for (name, count) in parts.map({ ($0.name, $0.parameterCount) }) + [("all", total)] {
      table.append([name, count.grouped, (Double(count) / Double(max(total, 1))).percent])
    }
    return table
  }

  /// The parts for `--json`.
  var partsJSON: JSONValue {
    .array(
      parts.map { ["name": .string($0.name), "parameters": .integer($0.parameterCount)] })
  }
}

extension JSONValue {
  /// The value in a few words, for a cell.
  fileprivate var inline: String {
    switch self {
    case .null: "none"
    case .bool(let value): value ? "yes" : "no"
    case .integer(let value): String(value)
    case .number(let value): "\(value)"
    case .string(let value): value.onOneLine
    case .array(let elements): elements.map(\.inline).joined(separator: ", ")
    case .object(let object):
      object.members.map { "\($0.key): \($0.value.inline)" }.joined(separator: ", ")
    }
  }
}
