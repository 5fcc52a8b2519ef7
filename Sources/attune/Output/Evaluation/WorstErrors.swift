// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttunePipelines
import AttuneTraining

/// The rows that the model is wrong about and surest of, or furthest from.
struct WorstErrors {
  private let rows: EvaluatedRows
  private let places: [Int]

  /// At most `limit` rows, the worst first.
  init(_ rows: EvaluatedRows, limit: Int) {
    self.rows = rows
    let badness = Self.badness(of: rows)
    let wrong = badness.indices.filter { badness[$0] > 0 }
    places = Array(wrong.sorted { (-badness[$0], $0) < (-badness[$1], $1) }.prefix(limit))
  }

  /// 0 for a right answer; otherwise the cross-entropy or the distance.
  private static func badness(of rows: EvaluatedRows) -> [Double] {
    let marks = rows.marks
    switch rows.truths {
    case .numbers: return marks
    case .labels(let truths):
      return marks.indices.map { row in
        marks[row] == 1
          ? 0
          : [CalibrationCase(logits: rows.predictions[row].logits, label: truths[row])]
            .meanCrossEntropy(temperature: 1)
      }
    case .labelSets(let truths):
      return marks.indices.map { row in
        marks[row] == 1
          ? 0
          : CalibrationCase.all(logits: [rows.predictions[row].logits], labelSets: [truths[row]])
            .meanCrossEntropy(temperature: 1)
      }
    }
  }

  /// The array that `--json` prints.
  var json: JSONValue {
    .array(
      places.map { row in
        [
          "line": .integer(rows.lines[row]), "truth": .string(rows.truth(row)),
          "prediction": .string(rows.predictions[row].label),
          "score": .shortest(rows.predictions[row].score), "text": .string(rows.texts[row]),
        ]
      })
  }

  private static let shownCharacters = 80

  /// The table for people.
  var text: String {
    guard !places.isEmpty else { return "There are no errors.\n" }
    let isNumber = rows.calibrationCases == nil
    var table = TextTable(.right, .left, .left, isNumber ? .left : .right, .left)
    table.append(["line", "truth", "prediction"] + (isNumber ? [] : ["sure"]) + ["text"])
    for row in places {
      let prediction = rows.predictions[row]
      let text = rows.texts[row].onOneLine
      let shown = text.prefix(Self.shownCharacters)
      table.append(
        [String(rows.lines[row]), rows.truth(row).onOneLine, prediction.label.onOneLine]
          + (isNumber ? [] : [Double(prediction.score).percent])
          + ["\(shown)\(shown.endIndex < text.endIndex ? "…" : "")"])
    }
    return table.text
  }
}
