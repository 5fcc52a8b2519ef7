// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneTraining
import TestSupport
import Testing

@Suite("Calibration")
struct CalibrationTests {
  private struct Golden {
    let json: JSONField
    let cases: [CalibrationCase]

    init(_ index: Int) throws {
      let path = TestSupport.Golden.path("Training/calibration.json")
      json = try InputFile.json(of: path).fields(at: "cases")[index]
      let logits = try json.fields(at: "logits").map { try $0.doubles().map { Float($0) } }
      cases =
        try json.string(at: "kind") == "label sets"
        ? CalibrationCase.all(
          logits: logits,
          labelSets: try json.fields(at: "truth").map { try $0.integers().map { $0 == 1 } })
        : zip(logits, try json.integers(at: "truth")).map { CalibrationCase(logits: $0, label: $1) }
    }
  }

  @Test("The temperature has the least cross-entropy, as scipy finds it", arguments: 0..<4)
  func fits(index: Int) throws {
    let golden = try Golden(index)
    let scaling = TemperatureScaling(fitting: golden.cases)
    let expected = try golden.json.double(at: "temperature")
    // A minimum is found to the root of the precision of its value.
    #expect(abs(scaling.temperature / expected - 1) < 1e-6)
    let entropies = try golden.json.doubles(at: "cross_entropy")
    #expect(abs(scaling.crossEntropy.before - entropies[0]) < 1e-12)
    #expect(abs(scaling.crossEntropy.after - entropies[1]) < 1e-12)
    #expect(scaling.caseCount == golden.cases.count)
  }

  @Test("The expected calibration error is that of the paper's formula", arguments: 0..<4)
  func measures(index: Int) throws {
    let golden = try Golden(index)
    let errors = try golden.json.doubles(at: "calibration_error")
    let scaling = TemperatureScaling(fitting: golden.cases)
    #expect(abs(scaling.calibrationError.before - errors[0]) < 1e-12)
    #expect(abs(scaling.calibrationError.after - errors[1]) < 1e-6)
    let bins = Reliability(of: golden.cases).bins
    for (bin, expected) in zip(bins, try golden.json.fields(at: "bins")) {
      let numbers = try expected.doubles()
      #expect(Double(bin.count) == numbers[0])
      #expect(abs(bin.accuracy - numbers[1]) < 1e-12 && abs(bin.confidence - numbers[2]) < 1e-12)
    }
  }

  @Test("An upper bound belongs to its bin; what is sure and wrong has an error of 1")
  func bins() {
    let reliability = Reliability(
      confidences: [0, 0.2, 0.4, 1], isRight: [true, true, true, false], binCount: 5)
    #expect(reliability.bins.map(\.count) == [2, 1, 0, 0, 1])
    #expect(abs(reliability.expectedCalibrationError - (1 + 0.8 + 0.6 + 1) / 4) < 1e-12)
    #expect(reliability.maximumCalibrationError == 1)
    #expect(Reliability(confidences: [], isRight: []).expectedCalibrationError == 0)
  }

  @Test("Where nothing is wrong or nothing is there, the temperature is 1")
  func staysAtOne() {
    #expect(TemperatureScaling(fitting: []).temperature == 1)
    let right = [
      CalibrationCase(logits: [2, 1], label: 0), CalibrationCase(logits: [0, 1], label: 1),
    ]
    #expect(TemperatureScaling(fitting: right).temperature == 1)
    #expect(
      TemperatureScaling(fitting: [CalibrationCase(logits: [1, 1], label: 0)]).temperature == 1)
  }

  @Test(
    "What is wrong more often than chance gives even probabilities, and huge scores no nonsense")
  func survivesExtremes() {
    let wrong = [
      CalibrationCase(logits: [2, 1], label: 1), CalibrationCase(logits: [3, 1], label: 1),
    ]
    #expect(TemperatureScaling(fitting: wrong).temperature == 100)
    let huge = [
      CalibrationCase(logits: [3e38, -3e38], label: 0),
      CalibrationCase(logits: [3e38, 0], label: 1),
    ]
    let scaling = TemperatureScaling(fitting: huge)
    #expect(scaling.temperature.isFinite && scaling.crossEntropy.after.isFinite)
  }
}
