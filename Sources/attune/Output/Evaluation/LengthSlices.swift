// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttunePipelines

/// The marks of short, medium and long texts, a third each.
struct LengthSlices {
  private struct Slice {
    let name: String
    let lengths: ClosedRange<Int>
    let count: Int
    let mark: Double
  }

  private let slices: [Slice]
  private let rows: EvaluatedRows

  init(_ rows: EvaluatedRows) {
    self.rows = rows
    let marks = rows.marks
    let lengths = rows.predictions.map { $0.tokenCount + $0.truncatedCount }
    let sorted = lengths.sorted()
    // Texts of one length stay in one slice.
    let bounds = [sorted.count / 3, 2 * sorted.count / 3].map { sorted.isEmpty ? 0 : sorted[$0] }
    let members = Dictionary(grouping: lengths.indices) { row in
      bounds.count { lengths[row] >= $0 }
    }
    slices = ["short", "medium", "long"].enumerated().compactMap { place, name in
      guard let rows = members[place] else { return nil }
      let own = rows.map { lengths[$0] }
      return Slice(
        name: name, lengths: (own.min() ?? 0)...(own.max() ?? 0), count: rows.count,
        mark: rows.reduce(0) { $0 + marks[$1] } / Double(rows.count))
    }
  }

  /// The array that `--json` prints.
  var json: JSONValue {
    .array(
      slices.map { slice in
        [
          "slice": .string(slice.name), "tokens_from": .integer(slice.lengths.lowerBound),
          "tokens_to": .integer(slice.lengths.upperBound), "count": .integer(slice.count),
          "score": .number(slice.mark),
        ]
      })
  }

  /// The table for people.
  var text: String {
    var table = TextTable(.left, .right)
    table.append(["length", "tokens", "texts", rows.markName])
    for slice in slices {
      table.append([
        slice.name, "\(slice.lengths.lowerBound.grouped) to \(slice.lengths.upperBound.grouped)",
        slice.count.grouped, rows.text(ofMark: slice.mark),
      ])
    }
    return table.text
  }
}
