// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttunePipelines

/// What is gained, and lost, where a model gives no answer to the rows that it is unsure of.
struct AbstentionSection {
  private let rows: EvaluatedRows
  private let leastScore: Double
  private let answered: (count: Int, mark: Double?)
  private let unsure: (count: Int, mark: Double?)

  /// The rows whose answers have at least the given probability, and the others.
  init(_ rows: EvaluatedRows, leastScore: Double) {
    (self.rows, self.leastScore) = (rows, leastScore)
    let marks = rows.marks
    func part(_ isSure: Bool) -> (count: Int, mark: Double?) {
      let own = zip(rows.predictions, marks).filter {
        ($0.0.score >= Float(leastScore)) == isSure
      }.map(\.1)
      return (own.count, own.isEmpty ? nil : own.reduce(0, +) / Double(own.count))
    }
    (answered, unsure) = (part(true), part(false))
  }

  private var coverage: Double { Double(answered.count) / Double(max(rows.count, 1)) }

  /// The object that `--json` prints.
  var json: JSONValue {
    func number(_ mark: Double?) -> JSONValue { mark.map { .number($0) } ?? .null }
    return [
      "least_probability": .number(leastScore), "answered": .integer(answered.count),
      "coverage": .number(coverage), "score": number(answered.mark),
      "score_of_unanswered": number(unsure.mark),
    ]
  }

  /// The table for people.
  var text: String {
    var table = TextTable(.left, .right)
    table.append(["at \(leastScore) or surer", "texts", "share", rows.markName])
    for (name, part) in [("answered", answered), ("left without", unsure)] {
      table.append([
        name, part.count.grouped, (Double(part.count) / Double(max(rows.count, 1))).percent,
        part.mark.map { rows.text(ofMark: $0) } ?? "",
      ])
    }
    return table.text
  }
}
