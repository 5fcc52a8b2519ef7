// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import AttuneModels
import AttunePipelines

/// How a text with its answer is written.
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

  typealias Prediction = TextClassification.Prediction

  let kind: Kind
  private let task: ClassificationTask
  private let labels: [String]
  private let separator: String
  private let columns: [String]
  /// Names of what is added to a row: prediction, score, and the scores of all labels if wanted.
  let addedColumns: [String]
  private let showsAll: Bool
  private let leastScore: Float?
  private let writer = DelimitedWriter()

  /// - Parameter leastScore: Answers of a lower score are left out; nil: none is.
  init(
    _ kind: Kind, classifier: TextClassification, columns: [String], showsAll: Bool,
    leastScore: Float?
  ) {
    (self.kind, self.columns, self.leastScore) = (kind, columns, leastScore)
    (task, labels) = (classifier.task, classifier.labels)
    separator = classifier.settings.labelSeparator
    self.showsAll = showsAll && task != .regression
    let wanted =
      (task == .regression ? ["prediction"] : ["prediction", "score"])
      + (self.showsAll ? labels.map { "score_\($0)" } : [])
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

  /// Whether the model is too unsure of an answer for it to be given.
  func abstains(from prediction: Prediction) -> Bool {
    leastScore.map { prediction.score < $0 } ?? false
  }

  /// What stands before the first row.
  func header() throws -> [UInt8] {
    kind == .table ? try writer.row(columns + addedColumns) : []
  }

  /// A row with its answer.
  func row(_ row: TextRow, _ prediction: Prediction) throws -> [UInt8] {
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

  private func added(to prediction: Prediction) -> [Cell] {
    func cell(_ score: Float) -> Cell { ("\(score)", .shortest(score)) }
    var (answer, score) = (self.answer(prediction), cell(prediction.score))
    if task == .multiLabel {
      let scores = labelScores(prediction).map(\.score)
      score = (
        scores.map { "\($0)" }.joined(separator: separator), .array(scores.map { .shortest($0) })
      )
    }
    if abstains(from: prediction) { answer = ("", .null) }
    return (task == .regression ? [answer] : [answer, score])
      + (showsAll ? prediction.scores.map(cell) : [])
  }

  private func answer(_ prediction: Prediction) -> Cell {
    switch task {
    case .singleLabel, .ordinal: (prediction.label, .string(prediction.label))
    case .multiLabel: (prediction.label, .array(prediction.labels.map { .string($0) }))
    case .regression: (prediction.label, .shortest(prediction.logits.first ?? 0))
    }
  }

  /// The labels that hold, with their probabilities.
  private func labelScores(_ prediction: Prediction) -> [(label: String, score: Float)] {
    zip(labels, prediction.scores).filter { prediction.labels.contains($0.0) }
      .map { (label: $0, score: $1) }
  }

  private func json(_ row: TextRow, _ prediction: Prediction) -> JSONValue {
    let scores = JSONObject(zip(labels, prediction.scores).map { ($0, JSONValue.shortest($1)) })
    let isUnsure = abstains(from: prediction)
    var members: [(String, JSONValue)] = [("text", .string(TextParts(row.parts).joined))]
    switch task {
    case .singleLabel, .ordinal, .multiLabel:
      let answer = answer(prediction).json
      members.append((task == .multiLabel ? "labels" : "label", isUnsure ? .null : answer))
      members.append(("score", .shortest(prediction.score)))
      if task == .ordinal { members.append(("expected", .number(prediction.number ?? 0))) }
      members.append(("scores", .object(scores)))
    case .regression: members.append(("value", answer(prediction).json))
    }
    if leastScore != nil { members.append(("abstained", .bool(isUnsure))) }
    if prediction.windowCount > 1 { members.append(("windows", .integer(prediction.windowCount))) }
    if prediction.truncatedCount > 0 {
      members.append(("tokens_cut", .integer(prediction.truncatedCount)))
    }
    return .object(JSONObject(members))
  }

  private func readable(_ row: TextRow, _ prediction: Prediction) -> String {
    let text = TextParts(row.parts).joined.onOneLine
    guard task != .regression else {
      return "\(Double(prediction.logits.first ?? 0).decimal(3))  \(text)\n"
    }
    let unsure = "unsure"
    let names = labels.map(\.onOneLine) + (leastScore == nil ? [] : [unsure])
    let width = names.map(\.count).max() ?? 0
    func cell(_ label: String, _ score: Float) -> String {
      let (label, share) = (label.onOneLine, Double(score).percent)
      return label + String(repeating: " ", count: max(0, width - label.count) + 2)
        + String(repeating: " ", count: max(0, 7 - share.count)) + share
    }
    var cells: [String]
    if showsAll {
      cells = zip(labels, prediction.scores).sorted { $0.1 > $1.1 }.map(cell)
    } else if abstains(from: prediction) {
      cells = [cell(unsure, prediction.score)]
    } else if task == .multiLabel {
      cells = labelScores(prediction).map { "\($0.label.onOneLine) \(Double($0.score).percent)" }
      cells = [cells.isEmpty ? "-" : cells.joined(separator: ", ")]
    } else {
      cells = [cell(prediction.label, prediction.score)]
    }
    return "\((cells + [text]).joined(separator: "  "))\n"
  }
}
