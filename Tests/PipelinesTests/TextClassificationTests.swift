// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import AttunePipelines
import AttuneTokenizers
import TestSupport
import Testing

@Suite("Text classification")
struct TextClassificationTests {
  let classifier: TextClassification
  let reviews: LabelledTextSet

  init() throws {
    classifier = try TextClassification.bundled()
    let root = (0..<3).reduce(#filePath) { path, _ in FileSystem.parent(of: path) }
    reviews = try LabelledTextSet(path: FileSystem.join(root, "datasets/reviews_test.csv"))
  }

  @Test("The bundled model tells at least four of five unseen reviews right")
  func bundledAccuracy() {
    let predictions = classifier.classify(reviews.examples.map { TextParts($0.parts) })
    let right = zip(predictions, reviews.examples).count { $0.label == $1.label }
    #expect(Double(right) >= 0.8 * Double(reviews.examples.count))
  }

  @Test("The answer for a text is the same bits alone, in any batch and in any order")
  func batchIndependence() {
    let texts = reviews.examples.prefix(120).map { $0.parts[0] } + ["", "a", "?"]
    let together = classifier.classify(texts)
    let reversed = Array(classifier.classify(texts.reversed()).reversed())
    #expect(together == reversed)
    for (text, prediction) in zip(texts, together) where text.utf8.count % 5 == 0 {
      #expect(classifier.classify(text) == prediction)
    }
  }

  @Test("Probabilities sum to one and the label is the likeliest")
  func probabilities() {
    for prediction in classifier.classify(reviews.examples.prefix(40).map { $0.parts[0] }) {
      #expect(abs(prediction.scores.reduce(0, +) - 1) < 1e-5)
      #expect(prediction.score == prediction.scores.max())
      #expect(
        classifier.labels[prediction.scores[0] == prediction.score ? 0 : 1] == prediction.label)
    }
  }

  @Test("A text beyond the window is cut, and the tokens cut off are counted")
  func truncation() throws {
    let classifier = try classifier.reading(window: 0, stride: nil)
    let long = String(repeating: "good ", count: 600)
    #expect(classifier.classify("good").truncatedCount == 0)
    // 600 words of one token each, of which the window holds all but [CLS] and [SEP].
    #expect(classifier.classify(long).truncatedCount == 600 - (classifier.maximumLength - 2))
  }

  @Test("By windows a long text is read to its end: its scores are the mean over them")
  func windows() throws {
    let reader = try classifier.reading(window: 64, stride: 62)
    let (good, bad) = (
      String(repeating: "good ", count: 62), String(repeating: "awful ", count: 62)
    )
    let parts = classifier.logits([TextParts(good), TextParts(bad)])
    let whole = reader.classify(good + bad)
    #expect(whole.windowCount == 2 && whole.truncatedCount == 0 && whole.tokenCount == 124)
    for (score, (first, second)) in zip(whole.logits, zip(parts[0], parts[1])) {
      #expect(abs(score - (first + second) / 2) < 1e-6)
    }
    let long = reader.classify(String(repeating: "good ", count: 6_000))
    #expect(long.windowCount == 97 && long.tokenCount == 6_000)
    #expect(zip(long.logits, parts[0]).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test("Windows change nothing for texts that fit, and nothing in what stands beside a long one")
  func windowsOfShortTexts() throws {
    let reader = try classifier.reading(window: 128, stride: nil)
    let texts = reviews.examples.prefix(40).map { $0.parts[0] }
    let long = String(repeating: "a film that goes on ", count: 200)
    let predictions = reader.classify(texts + [long])
    #expect(Array(predictions.prefix(40)) == classifier.classify(texts))
    #expect(predictions[40] == reader.classify(long))
    #expect(reader.settings.windowing?.stride == 64)
    #expect(try reader.reading(window: 0, stride: nil).settings.windowing == nil)
  }

  @Test(
    "Windows that the model cannot read are refused",
    arguments: [
      (600, nil, "512"), (4, nil, "8 or more"), (64, 65, "1 to"), (nil, 0, "1 to"),
    ] as [(Int?, Int?, String)])
  func refusesWindows(window: Int?, stride: Int?, message: String) {
    let error = #expect(throws: WindowingError.self) {
      try classifier.reading(window: window, stride: stride)
    }
    #expect(error?.description.contains(message) == true && error?.exitCode == .usage)
  }

  @Test("What was cut off and what was read by windows is counted")
  func reports() throws {
    let classifier = try classifier.reading(window: 0, stride: nil)
    var report = TruncationReport()
    let long = String(repeating: "good ", count: 600)
    for prediction in classifier.classify([long, "good"]) { report.count(prediction) }
    #expect(report.textCount == 2 && report.cutTextCount == 1 && report.tokenCount == 601)
    #expect(report.cutTokenCount == 600 - (classifier.maximumLength - 2))
    #expect(report.windowedTextCount == 0)
    report.count(try classifier.reading(window: 512, stride: nil).classify(long))
    #expect(report.windowedTextCount == 1 && report.cutTextCount == 1)
  }

  @Test("Two columns are a pair, more are joined, and the words say so")
  func parts() {
    #expect(TextParts(["a", "b"]).pair == "b")
    #expect(TextParts(["a", "b", "c"]) == TextParts("a b c"))
    #expect(TextParts.treatment(ofColumns: 2).contains("segment 1"))
    let pair = classifier.classify([TextParts(["good", "bad"])])[0]
    #expect(pair != classifier.classify("good bad"))
  }

  @Test("The asynchronous call gives the same answers")
  func asynchronous() async {
    let rows = reviews.examples.prefix(20).map { TextParts($0.parts) }
    let expected = synchronous(rows)
    async let first = classifier.classify(rows)
    async let second = classifier.classify(rows)
    let found = await [first, second]
    #expect(found == [expected, expected])
  }

  /// In an asynchronous function the asynchronous call would be meant.
  private func synchronous(_ rows: [TextParts]) -> [TextClassification.Prediction] {
    classifier.classify(rows)
  }
}
