// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import TestSupport
import Testing

@Suite("Classifiers are measured")
struct EvaluateTests {
  let program: Program
  let model: String

  init() throws {
    program = try Program()
    model = try TrainedModel.path
    // Every seventh label is wrong, so that no count is zero.
    var rows = TrainedModel.reviews.split(separator: "\n").map(String.init)
    for index in stride(from: 1, to: rows.count, by: 7) {
      let isPositive = rows[index].hasSuffix("positive")
      rows[index] =
        rows[index].dropLast(8) + (isPositive ? "negative" : "positive")
    }
    try program.folder.write(rows.joined(separator: "\n"), to: "test.csv")
  }

  @Test("The scores are those of the predictions that classify gives")
  func agreesWithClassify() throws {
    let result = try program("evaluate", "test.csv", "--model", model, "--json", "--quiet")
    #expect(result.status == 0 && result.error.isEmpty, "\(result.error)")
    let json = JSONField(try JSONValue(parsing: Array(result.output.utf8), source: ""))
    let classified = try program("classify", "--model", model, "--input", "test.csv")
    let pairs = classified.lines.dropFirst().map { line in
      let fields = line.split(separator: ",")
      return [String(fields[2]), String(fields[3])]
    }
    let names = ["negative", "positive"]
    func count(_ truth: Int, _ prediction: Int) -> Int {
      pairs.count { $0 == [names[truth], names[prediction]] }
    }
    let matrix = names.indices.map { truth in names.indices.map { count(truth, $0) } }
    #expect(matrix.joined().allSatisfy { $0 > 0 })
    #expect(try json.integer(at: "count") == 200)
    let rows = matrix.map { JSONValue.array($0.map { .integer($0) }) }
    #expect(try json.field(at: "confusion").value == .array(rows))
    let accuracy = Double(matrix[0][0] + matrix[1][1]) / 200
    #expect(try json.double(at: "accuracy") == accuracy)
    let f1 = names.indices.map { label in
      2 * Double(matrix[label][label])
        / Double(matrix[label].reduce(0, +) + matrix[0][label] + matrix[1][label])
    }
    #expect(abs(try json.double(at: "macro_f1") - (f1[0] + f1[1]) / 2) < 1e-12)
    let interval = try json.doubles(at: "interval")
    #expect(interval.count == 2 && interval[0] < accuracy && accuracy < interval[1])
    // The normal law gives 1.96 deviations to each side.
    let deviation = (accuracy * (1 - accuracy) / 200).squareRoot()
    #expect(abs((interval[1] - interval[0]) / (2 * 1.96 * deviation) - 1) < 0.15)
    let positive = try json.field(at: "per_class").field(at: "positive")
    #expect(try positive.integer(at: "support") == matrix[1].reduce(0, +))
    let recall = Double(matrix[1][1]) / Double(matrix[1].reduce(0, +))
    #expect(try positive.double(at: "recall") == recall)
  }

  @Test("The tables for people name the columns that were taken")
  func printsTables() throws {
    let result = try program("evaluate", "test.csv", "--model", model)
    #expect(result.lines[0].hasPrefix("accuracy  "))
    #expect(result.output.contains("label \\ prediction  negative  positive"))
    #expect(result.error.contains("text: 'text', label: 'label'"))
  }

  @Test("The folder and its parts are shown")
  func inspects() throws {
    let text = try program("inspect", model)
    #expect(text.status == 0)
    for part in [
      "sentence-transformers", "encoder.embeddings", "negative, positive", "training.steps",
    ] {
      #expect(text.output.contains(part), "\(part)")
    }
    let result = try program("inspect", model, "--json")
    let json = JSONField(try JSONValue(parsing: Array(result.output.utf8), source: ""))
    let counts = try json.fields(at: "modules").map { try $0.integer(at: "parameters") }
    #expect(try json.integer(at: "parameters") == counts.reduce(0, +))
    // Four bytes for each number, in two files.
    let best = FileSystem.join(model, "best")
    let bytes = try ["model.safetensors", "2_Dense/model.safetensors"].map {
      try FileSystem.size(of: FileSystem.join(best, $0))
    }.reduce(0, +)
    #expect((0..<8_000).contains(bytes - 4 * counts.reduce(0, +)))
    #expect(try program("inspect").output.contains("bundled"))
  }

  @Test("Tokens come with their ids and places")
  func tokenizes() throws {
    let result = try program("tokenize", "Good film", "--model", model, "--json")
    let json = JSONField(try JSONValue(parsing: Array(result.output.utf8), source: ""))
    #expect(try json.strings(at: "tokens") == ["[CLS]", "good", "film", "[SEP]"])
    #expect(
      try json.field(at: "offsets").value == [[0, 0], [0, 4], [5, 9], [0, 0]])
    let best = FileSystem.join(model, "best")
    let same = try program("tokenize", "-", "--tokenizer", best, "--json", input: "Good film\n")
    #expect(same.output == result.output)
    let readable = try program("tokenize", "Good film", "--model", model).lines
    #expect(readable.count == 5 && readable[2].hasSuffix("good   0-4  'Good'"))
  }
}
