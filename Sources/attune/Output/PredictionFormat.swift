// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import AttunePipelines

/// How a text with its label is written.
struct PredictionFormat {
  /// What a row becomes.
  enum Kind {
    /// A line for people.
    case readable
    /// An object of text, label and probabilities.
    case json
    /// The row with further columns.
    case table
    /// The object with further keys.
    case objects
  }

  let kind: Kind
  private let labels: [String]
  private let columns: [String]
  /// Names of what is added to a row: prediction, score, and the scores of all labels if wanted.
  let addedColumns: [String]
  private let showsAll: Bool
  private let writer = DelimitedWriter()

  init(_ kind: Kind, labels: [String], columns: [String], showsAll: Bool) {
    (self.kind, self.labels, self.columns, self.showsAll) = (kind, labels, columns, showsAll)
    let wanted = ["prediction", "score"] + (showsAll ? labels.map { "score_\($0)" } : [])
    var taken = columns
    addedColumns = wanted.map { name in
      let name = Self.free(name, among: taken)
      taken.append(name)
      return name
    }
  }

  /// Names that had to give way to columns of the input, with those taken instead.
  var renamed: [(wanted: String, taken: String)] {
    zip(["prediction", "score"], addedColumns).filter { $0 != $1 }.map { ($0, $1) }
  }

  private static func free(_ name: String, among taken: [String]) -> String {
    var (result, number) = (name, 1)
    while taken.contains(result) {
      number += 1
      result = "\(name)_\(number)"
    }
    return result
  }

  /// What stands before the first row.
  func header() throws -> [UInt8] {
    kind == .table ? try writer.row(columns + addedColumns) : []
  }

  /// A row with its label.
  func row(_ row: TextRow, _ prediction: TextClassification.Prediction) throws -> [UInt8] {
    switch kind {
    case .readable: return Array(readable(row, prediction).utf8)
    case .json: return try json(row, prediction).serialized() + [0x0A]
    case .table:
      let fields = try columns.indices.map { try row.record?[$0] ?? "" }
      return try writer.row(fields + added(to: prediction).map(\.text))
    case .objects:
      var object = row.record?.object ?? JSONObject()
      for (name, value) in zip(addedColumns, added(to: prediction)) { object[name] = value.json }
      return try JSONValue.object(object).serialized() + [0x0A]
    }
  }

  private typealias Cell = (text: String, json: JSONValue)

  private func added(to prediction: TextClassification.Prediction) -> [Cell] {
    func cell(_ score: Float) -> Cell { ("\(score)", .shortest(score)) }
    return [(prediction.label, .string(prediction.label)), cell(prediction.score)]
      + (showsAll ? prediction.scores.map(cell) : [])
  }

  private func json(_ row: TextRow, _ prediction: TextClassification.Prediction) -> JSONValue {
    let scores = zip(labels, prediction.scores).map { ($0, JSONValue.shortest($1)) }
    return [
      "text": .string(TextParts(row.parts).joined), "label": .string(prediction.label),
      "score": .shortest(prediction.score), "scores": .object(JSONObject(scores)),
    ]
  }

  private func readable(_ row: TextRow, _ prediction: TextClassification.Prediction) -> String {
    let width = labels.map { $0.onOneLine.count }.max() ?? 0
    func cell(_ label: String, _ score: Float) -> String {
      let (label, share) = (label.onOneLine, Double(score).percent)
      return label + String(repeating: " ", count: width - label.count + 2)
        + String(repeating: " ", count: max(0, 7 - share.count)) + share
    }
    let cells =
      showsAll
      ? zip(labels, prediction.scores).sorted { $0.1 > $1.1 }.map(cell)
      : [cell(prediction.label, prediction.score)]
    return "\((cells + [TextParts(row.parts).joined.onOneLine]).joined(separator: "  "))\n"
  }
}
