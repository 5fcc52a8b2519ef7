// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneLayers
import AttuneModels
import AttunePipelines
import AttuneTensors
import AttuneTokenizers

extension FolderInspection {
  /// Keys and values that `--json` prints of any folder of a known family.
  var members: [(String, JSONValue)] {
    [
      ("family", .string(family.rawValue)),
      ("architectures", .array(architectures.map { .string($0) })),
      ("head", .string(head.summary)),
      (
        "weights",
        .object(JSONObject(storedTypes.map { ($0.type, .integer($0.count)) }))
      ),
      (
        "ignored",
        .array(
          ignored.map {
            ["reason": .string($0.reason), "tensors": .array($0.names.map { .string($0) })]
          })
      ),
      ("embedding", embedder?.json ?? .null),
      ("notes", .array(notes.map { .string($0) })),
      (
        "uses",
        .array(
          uses.map {
            [
              "command": .string($0.command),
              "obstacle": $0.obstacle.map { .string($0) } ?? .null,
            ]
          })
      ),
    ]
  }

  /// The same in rows for people.
  var rows: [[String]] {
    var rows = [
      ["family", family.rawValue + (architectures.first.map { " (\($0))" } ?? "")],
      ["head", head.summary],
      [
        "weights",
        storedTypes.map { "\($0.count.grouped) numbers in \($0.type)" }.joined(separator: ", "),
      ],
    ]
    if let embedder {
      rows.append(["embedding", embedder.summary])
      if let prompts = embedder.promptSummary { rows.append(["prompts", prompts]) }
    }
    rows += ignored.map { ["not used", "\(Self.listing($0.names)): \($0.reason)"] }
    rows += notes.map { ["note", $0.onOneLine] }
    return rows
  }

  /// What the folder can be used for, and what stands in the way of the rest.
  var useTable: TextTable {
    var table = TextTable(.left)
    for use in uses {
      table.append(["attune \(use.command)", use.obstacle.map { "no: \($0.onOneLine)" } ?? "yes"])
    }
    return table
  }

  private static func listing(_ names: [String]) -> String {
    let shown = names.prefix(4).map(\.onOneLine).joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
  }
}

extension EmbedderConfiguration {
  /// What `--json` prints of it.
  fileprivate var json: JSONValue {
    [
      "dimension": .integer(dimension), "normalized": .bool(normalizes),
      "pooling": .array(poolings.map { .string($0.rawValue) }),
      "dense": .array(
        denses.map {
          [
            "in": .integer($0.inputDimension), "out": .integer($0.outputDimension),
            "activation": .string($0.activation.rawValue),
          ]
        }),
      "similarity": .string(similarity.rawValue),
      "prompts": .object(JSONObject(prompts.map { ($0.name, .string($0.text)) })),
      "default_prompt": defaultPromptName.map { .string($0) } ?? .null,
    ]
  }

  /// How vectors are made, in words.
  fileprivate var summary: String {
    let pooling = poolings.map(\.rawValue).joined(separator: " and ") + " pooling"
    let maps = denses.map { "\($0.inputDimension.grouped) to \($0.outputDimension.grouped)" }
    let parts = ["\(dimension.grouped) numbers", pooling] + maps.map { "a map of \($0)" }
    return (parts + (normalizes ? ["scaled to length 1"] : [])).joined(separator: ", ")
      + ", compared by \(similarity.rawValue)"
  }

  /// The names of the prompts, in words; nil where none puts anything before a text.
  fileprivate var promptSummary: String? {
    let names = prompts.filter { !$0.text.isEmpty }.map {
      $0.name.onOneLine + ($0.name == defaultPromptName ? " (unless told)" : "")
    }
    return names.isEmpty ? nil : names.joined(separator: ", ")
  }
}

extension Tokenizer {
  /// The kind and the size.
  var json: JSONValue {
    ["model": .string(model.kind), "size": .integer(vocabularySize)]
  }

  /// The kind and the size in words.
  var summary: String { "\(model.kind), \(vocabularySize.grouped) tokens" }
}
