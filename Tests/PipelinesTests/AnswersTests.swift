// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import AttuneTokenizers
import Foundation
import Testing

@testable import AttunePipelines

@Suite("Scores become answers")
struct AnswersTests {
  private func answers(
    _ task: ClassificationTask, _ labels: [String], temperature: Double = 1,
    thresholds: [Float]? = nil
  ) throws -> Answers {
    var configuration = try TextClassification.bundled().configuration
    (configuration.labels, configuration.task) = (labels, task)
    var settings = try ClassificationSettings(nil, configuration)
    settings.temperature = temperature
    if let thresholds { settings.thresholds = thresholds }
    return Answers(configuration, settings)
  }

  private func text(_ logits: [Float]) -> ReadText {
    ReadText(outputs: logits, truncatedCount: 0, tokenCount: 3, windowCount: 1)
  }

  private func softmax(_ logits: [Double]) -> [Double] {
    let total = logits.reduce(0) { $0 + exp($1) }
    return logits.map { exp($0) / total }
  }

  @Test("A temperature makes the label less sure and leaves it as it is", arguments: [0.5, 1, 3])
  func temperature(temperature: Double) throws {
    let prediction = try answers(.singleLabel, ["a", "b", "c"], temperature: temperature)
      .prediction(text([1, 2.5, -1]))
    let expected = softmax([1, 2.5, -1].map { $0 / temperature })
    #expect(prediction.label == "b" && prediction.labels == ["b"] && prediction.number == nil)
    #expect(zip(prediction.scores, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    #expect(prediction.score == prediction.scores[1])
  }

  @Test("Ordered labels give the median and the mean of their values")
  func ordinal() throws {
    // 0.3, 0.3 and 0.4: the last is the likeliest, the second the median.
    let logits = [0.3, 0.3, 0.4].map { Float(log($0)) }
    let stars = try answers(.ordinal, ["1", "2", "5"]).prediction(text(logits))
    #expect(stars.label == "2" && abs(stars.score - 0.3) < 1e-6)
    #expect(abs(try #require(stars.number) - (0.3 + 0.6 + 2)) < 1e-6)
    let words = try answers(.ordinal, ["bad", "fair", "good"]).prediction(text(logits))
    #expect(abs(try #require(words.number) - (0.3 + 0.8)) < 1e-6)
    // A high temperature would move the median.
    let hot = try answers(.ordinal, ["1", "2", "5"], temperature: 50)
      .prediction(text([3, 0, 2.9]))
    #expect(
      hot.label == (try answers(.ordinal, ["1", "2", "5"]).prediction(text([3, 0, 2.9])).label))
  }

  @Test("Each label of a set has its own threshold, whatever the temperature")
  func multiLabel() throws {
    for temperature in [1, 4.0] {
      let prediction = try answers(
        .multiLabel, ["a", "b", "c"], temperature: temperature, thresholds: [0.5, 0.9, 0.2]
      ).prediction(text([0.4, 2, -1]))
      #expect(prediction.labels == ["a", "c"] && prediction.label == "a;c")
      let expected = [0.4, 2, -1].map { 1 / (1 + exp(-$0 / temperature)) }
      #expect(zip(prediction.scores, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 })
      // Of the decisions "a", "not b" and "c" the least certain one.
      let certainties = [expected[0], 1 - expected[1], expected[2]]
      #expect(abs(Double(prediction.score) - (certainties.min() ?? 0)) < 1e-6)
    }
    let none = try answers(.multiLabel, ["a", "b"]).prediction(text([-1, -2]))
    #expect(none.label.isEmpty && none.labels.isEmpty)
  }

  @Test("A number is given as it is")
  func regression() throws {
    let prediction = try answers(.regression, ["stars"], temperature: 2).prediction(text([3.25]))
    #expect(prediction.number == 3.25 && prediction.label == "3.25" && prediction.labels.isEmpty)
    #expect(prediction.scores == [3.25] && prediction.score == 1)
  }
}

@Suite("What is stored with a model")
struct ClassificationSettingsTests {
  private func settings(_ json: String) throws -> ClassificationSettings {
    let value = try JSONValue(parsing: Array(json.utf8), source: "attune.json")
    return try ClassificationSettings(
      JSONField(value, source: "attune.json"), TextClassification.bundled().configuration)
  }

  @Test("Windows, temperature and thresholds are taken")
  func reads() throws {
    let found = try settings(
      """
      {"maximum_length": 128, "window": 96, "stride": 40, "calibration": {"temperature": 1.5},
      "thresholds": [0.25, 0.5], "label_separator": "|"}
      """)
    #expect(found.maximumLength == 128 && found.windowing == Windowing(length: 96, stride: 40))
    #expect(found.temperature == 1.5 && found.thresholds == [0.25, 0.5])
    #expect(found.labelSeparator == "|")
    let usual = try settings("{}")
    #expect(usual.temperature == 1 && usual.windowing == nil && usual.thresholds == [0.5, 0.5])
  }

  @Test(
    "What makes no sense is refused, with its place",
    arguments: [
      ("{\"window\": 4096}", "window"), ("{\"window\": 64, \"stride\": 0}", "stride"),
      ("{\"calibration\": {\"temperature\": 0}}", "calibration.temperature"),
      ("{\"calibration\": {\"temperature\": \"1\"}}", "calibration.temperature"),
      ("{\"calibration\": 3}", "calibration"), ("{\"thresholds\": [0.5]}", "thresholds"),
      ("{\"thresholds\": [0.5, 2]}", "thresholds"),
    ])
  func refuses(json: String, place: String) {
    let error = #expect(throws: JSONFieldError.self) { try settings(json) }
    #expect(
      error?.description.hasPrefix("attune.json: \(place): ") == true,
      "\(String(describing: error))")
  }
}
