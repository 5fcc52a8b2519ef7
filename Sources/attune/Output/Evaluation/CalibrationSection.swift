// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTraining

/// How far probabilities can be taken at their word, with the stored temperature and without.
struct CalibrationSection {
  private let temperature: Double
  private let stored: Measures
  private let plain: Measures

  /// What probabilities of one temperature come to.
  private struct Measures {
    let reliability: Reliability
    let crossEntropy: Double

    init(_ cases: [CalibrationCase], _ temperature: Double) {
      reliability = Reliability(of: cases, temperature: temperature)
      crossEntropy = cases.meanCrossEntropy(temperature: temperature)
    }

    var json: JSONValue {
      [
        "expected_calibration_error": .number(reliability.expectedCalibrationError),
        "maximum_calibration_error": .number(reliability.maximumCalibrationError),
        "cross_entropy": .number(crossEntropy),
      ]
    }
  }

  init(_ cases: [CalibrationCase], temperature: Double) {
    self.temperature = temperature
    plain = Measures(cases, 1)
    stored = temperature == 1 ? plain : Measures(cases, temperature)
  }

  /// The object that `--json` prints.
  var json: JSONValue {
    let bins = stored.reliability.bins.map { bin in
      [
        "above": .number(bin.lower), "up_to": .number(bin.upper), "count": .integer(bin.count),
        "accuracy": .number(bin.accuracy), "confidence": .number(bin.confidence),
      ] as JSONValue
    }
    return [
      "temperature": .number(temperature), "calibrated": stored.json, "uncalibrated": plain.json,
      "bins": .array(bins),
    ]
  }

  /// The tables for people.
  var text: String {
    var table = TextTable(.left, .right)
    let isCalibrated = temperature != 1
    table.append(
      isCalibrated
        ? ["calibration", "temperature \(temperature.decimal(3))", "none"]
        : ["calibration", "none"])
    func append(_ name: String, _ value: (Measures) -> String) {
      table.append([name, value(stored)] + (isCalibrated ? [value(plain)] : []))
    }
    append("expected calibration error") { $0.reliability.expectedCalibrationError.percent }
    append("largest in a bin") { $0.reliability.maximumCalibrationError.percent }
    append("cross-entropy") { $0.crossEntropy.decimal(4) }
    return "\(table.text)\n\(diagram)"
  }

  private static let width = 20

  /// Each bin's share of right answers as a bar, with a mark where its mean probability lies.
  private var diagram: String {
    var table = TextTable(.left, .right, .right, .right, .left)
    table.append(["probability", "answers", "mean", "right", "bar: right, |: mean probability"])
    for bin in stored.reliability.bins where bin.count > 0 {
      func cells(_ share: Double) -> Int { Int((share * Double(Self.width)).rounded()) }
      var bar = [Character](repeating: " ", count: Self.width + 1)
      for cell in 0..<cells(bin.accuracy) { bar[cell] = "#" }
      bar[cells(bin.confidence)] = "|"
      table.append([
        "\((100 * bin.lower).decimal(1)) to \(bin.upper.percent)", bin.count.grouped,
        bin.confidence.percent, bin.accuracy.percent, String(bar),
      ])
    }
    return table.text
  }
}
