// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import AttuneTraining
import Testing

@testable import AttuneRecipes

@Suite("Settings of a recipe")
struct RecipeSettingsTests {
  @Test("What is asked for stands, and the rest comes from the other, each as it was")
  func mergingKeepsEachValue() {
    var asked = ClassifierSettings()
    asked.seed = .max
    asked.dropout = 0.1
    asked.learningRate = 1e-5
    asked.textColumns = ["title", "text"]
    asked.lowercases = false
    asked.score = .macroF1
    var other = ClassifierSettings()
    other.seed = 3
    other.lowercases = true
    other.weightDecay = 0
    other.epochs = 12
    other.encoding = "12"

    let merged = asked.merged(over: other)

    var expected = asked
    expected.weightDecay = 0
    expected.epochs = 12
    expected.encoding = "12"
    #expect(merged == expected)
  }

  @Test("A run file holds what is set, by name and in the order of names")
  func runFilesHoldWhatIsSet() throws {
    var settings = ClassifierSettings()
    settings.learningRate = 2e-5
    settings.dropout = 0.1
    settings.epochs = 3
    settings.task = .singleLabel
    settings.frozen = ["embeddings"]
    let text =
      #"{"dropout":0.1,"epochs":3,"frozen":["embeddings"],"learningRate":2e-05,"task":"single-label"}"#

    #expect(try String(decoding: settings.json.serialized(), as: UTF8.self) == text)
    #expect(try ClassifierSettings(JSONField(settings.json)) == settings)
  }
}
