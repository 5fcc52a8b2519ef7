// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import Foundation

/// Prints results as JSON, one object a line.
enum Report {
  static func print(_ members: [(String, JSONValue)]) throws {
    let line = try JSONValue.object(JSONObject(members)).serialized() + [UInt8(ascii: "\n")]
    try FileHandle.standardOutput.write(contentsOf: Data(line))
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
