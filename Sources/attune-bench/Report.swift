// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneSystem

/// Prints results as JSON, one object a line.
enum Report {
  static func print(_ members: [(String, JSONValue)]) throws {
    let line = try JSONValue.object(JSONObject(members)).serialized()
    write(String(decoding: line, as: UTF8.self) + "\n")
  }

  /// Writes to standard output at once: whoever compares peers waits for the line.
  static func write(_ text: String) {
    Swift.print(text, terminator: "")
    fflush(nil)
  }
}

/// Median and range of some measurements.
struct Quantiles {
  let median: Double
  let least: Double
  let most: Double

  init(_ values: [Double]) {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    median =
      sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    (least, most) = (sorted[0], sorted[sorted.count - 1])
  }

  var json: JSONValue {
    ["median": .number(median), "min": .number(least), "max": .number(most)]
  }
}
