// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import AttunePipelines
import AttuneTokenizers

/// All that is to be said of a translator or a captioner.
struct WriterInspection: ResultDocument {
  private let path: String
  private let task: String
  /// Which program opens it.
  private let reader: String
  private let summary: ModelSummary
  private let tokenizer: LanguageTokenizer
  private let maximumLength: Int
  private let attune: JSONField?
  /// Kinds of facts that the other does not have.
  private let members: [(name: String, value: String)]

  /// Looks at a folder; nil if its model writes no texts.
  init?(_ path: String) throws {
    self.path = path
    switch try FolderKind(ofFolder: path) {
    case .translator:
      let open = try OpenTranslator(contentsOf: path)
      (task, reader, summary) = ("translation", open.layout.reader, open.summary)
      (tokenizer, attune) = (open.tokenizers.target, open.attune)
      maximumLength = open.configuration.maximumLength
      members = []
    case .captioner:
      let open = try OpenCaptioner(contentsOf: path)
      (task, reader, summary) = ("captioning", TranslatorLayout.attune.reader, open.summary)
      (tokenizer, attune) = (open.tokenizer, open.attune)
      maximumLength = open.configuration.maximumLength
      members = [("reads", open.configuration.vectors.summary)]
    case .classifier, .encoder: return nil
    }
  }

  /// The document that `--json` prints.
  var json: JSONValue {
    let facts: [(String, JSONValue)] = [
      ("model", .string(path)), ("task", .string(task)), ("opens_in", .string(reader)),
      ("architecture", .object(summary.architecture)),
      ("parameters", .integer(summary.parameterCount)), ("modules", summary.partsJSON),
      ("tokenizer", ["size": .integer(tokenizer.vocabulary.count)]),
      ("maximum_length", .integer(maximumLength)),
    ]
    return .object(
      JSONObject(
        facts + members.map { ($0.name, .string($0.value)) }
          + [("training", attune?.value ?? .null)]))
  }

  /// The tables for people.
  var text: String {
    var facts = TextTable(.left)
    facts.append(["model", path])
    facts.append(["task", task])
    facts.append(["opens in", reader])
    for member in members { facts.append([member.name, member.value]) }
    facts.append(["longest text", "\(maximumLength.grouped) tokens"])
    facts.append(["tokenizer", "\(tokenizer.vocabulary.count.grouped) tokens"])
    for row in summary.architectureRows { facts.append(row) }
    return [facts.text, summary.partsTable.text, TextTable.facts(attune).text]
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }
}

extension VectorEncoderSettings {
  /// What is read, in words.
  var summary: String {
    let kind = form == .vector ? "vectors" : "sequences of vectors"
    let scale =
      switch scaling {
      case .none: "as they are"
      case .unit: "scaled to length 1"
      case .standard: "columns scaled as in training"
      case .centered: "shifted and scaled as in training"
      }
    return "\(kind) of \(dimension.grouped) numbers, \(scale)"
  }
}
