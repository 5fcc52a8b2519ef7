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

  @Test("With --abstain the answered rows are those that classify answers, and are counted alone")
  func abstains() throws {
    let classified = try program("classify", "--model", model, "--input", "test.csv")
    let rows = classified.lines.dropFirst().map { line in
      let fields = line.split(separator: ",")
      return (isRight: fields[2] == fields[3], score: Float(fields[4]) ?? 0)
    }
    let bound = rows.map(\.score).sorted()[rows.count / 3]
    let result = try program(
      "evaluate", "test.csv", "--model", model, "--json", "--abstain", "\(bound)")
    #expect(result.status == 0, "\(result.error)")
    let json = try JSONField(JSONValue(parsing: Array(result.output.utf8), source: ""))
      .field(at: "abstention")
    let answered = rows.filter { $0.score >= bound }
    let unsure = rows.filter { $0.score < bound }
    #expect(try json.integer(at: "answered") == answered.count && unsure.count > 20)
    #expect(try json.double(at: "coverage") == Double(answered.count) / Double(rows.count))
    for (key, part) in [("score", answered), ("score_of_unanswered", unsure)] {
      let share = Double(part.count(where: \.isRight)) / Double(part.count)
      #expect(abs(try json.double(at: key) - share) < 1e-12, "\(key)")
    }
    let text = try program("evaluate", "test.csv", "--model", model, "--abstain", "\(bound)")
    #expect(text.output.contains("left without"))
    #expect(try program("evaluate", "test.csv", "--abstain", "2").status == 64)
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

  private func json(_ arguments: String...) throws -> JSONField {
    let result = try program.run(["evaluate", "--model", model, "--json", "--quiet"] + arguments)
    #expect(result.status == 0, "\(result.error)")
    return JSONField(try JSONValue(parsing: Array(result.output.utf8), source: ""))
  }

  @Test("Errors are listed with their lines, the surest first")
  func listsErrors() throws {
    let errors = try json("test.csv", "--errors", "5").fields(at: "errors")
    #expect(errors.count == 5)
    let rows = try InputFile.text(of: program.folder.path("test.csv")).split(separator: "\n")
    for error in errors {
      let row = rows[try error.integer(at: "line") - 1].split(separator: ",")
      #expect(String(row[1]) == (try error.string(at: "text")))
      #expect(String(row[2]) == (try error.string(at: "truth")))
      #expect(try error.string(at: "truth") != error.string(at: "prediction"))
    }
    let scores = try errors.map { try $0.double(at: "score") }
    #expect(scores == scores.sorted(by: >))
    let text = try program("evaluate", "--model", model, "test.csv", "--errors", "2")
    #expect(text.output.contains("line  truth"))
  }

  @Test("Calibration and lengths cover all rows")
  func coversRows() throws {
    let document = try json("test.csv")
    let calibration = try document.field(at: "calibration")
    #expect(
      try calibration.fields(at: "bins").reduce(0) { try $0 + $1.integer(at: "count") } == 200)
    for kind in ["calibrated", "uncalibrated"] {
      let error = try calibration.field(at: kind).double(at: "expected_calibration_error")
      #expect((0...1).contains(error))
    }
    let lengths = try document.fields(at: "lengths")
    #expect(try lengths.reduce(0) { try $0 + $1.integer(at: "count") } == 200)
    let right = try lengths.reduce(0) {
      try $0 + Double($1.integer(at: "count")) * $1.double(at: "score")
    }
    #expect(abs(right / 200 - (try document.double(at: "accuracy"))) < 1e-9)
    #expect(try document.field(at: "reading").integer(at: "texts") == 200)
  }

  @Test("Labels are matched by name, without case, by place, or as the user says")
  func matchesLabels() throws {
    let rows = try InputFile.text(of: program.folder.path("test.csv"))
    let accuracy = try json("test.csv").double(at: "accuracy")
    func write(_ negative: String, _ positive: String, to name: String) throws {
      try program.folder.write(
        rows.replacing(",negative", with: ",\(negative)").replacing(
          ",positive", with: ",\(positive)"), to: name)
    }
    try write("Negative", "POSITIVE", to: "case.csv")
    try write("0", "1", to: "places.csv")
    try write("bad", "good", to: "words.csv")
    #expect(try json("case.csv").double(at: "accuracy") == accuracy)
    #expect(try json("places.csv").double(at: "accuracy") == accuracy)
    let note = try program("evaluate", "places.csv", "--model", model).error
    #expect(note.contains("0 = negative, 1 = positive"))
    let refused = try program("evaluate", "words.csv", "--model", model)
    #expect(refused.status == 65 && refused.error.contains("--label-map bad=negative"))
    #expect(
      try json("words.csv", "--label-map", "bad=negative,good=1").double(at: "accuracy") == accuracy
    )
    let wrong = try program("evaluate", "words.csv", "--model", model, "--label-map", "bad")
    #expect(wrong.status == 64 && wrong.error.contains("LABEL=MEANING"))
  }

  @Test("Windows read long texts to their end, and what is cut is counted")
  func readsWindows() throws {
    func text(_ word: String) -> String { String(repeating: "\(word) film ", count: 20) + word }
    try program.folder.write(
      "text,label\n\(text("great")),positive\n\(text("awful")),negative\n", to: "long.csv")
    let cut = try json("long.csv").field(at: "reading")
    // Of 41 words the model sees 14 beside the two special tokens.
    #expect(try cut.integer(at: "cut_texts") == 2 && cut.integer(at: "cut_tokens") == 54)
    let read = try json("long.csv", "--window", "16", "--stride", "7")
    #expect(try read.field(at: "reading").integer(at: "cut_tokens") == 0)
    #expect(try read.field(at: "reading").integer(at: "windowed_texts") == 2)
    #expect(try read.double(at: "accuracy") == 1)
    let note = try program("evaluate", "long.csv", "--model", model).error
    #expect(note.contains("2 of 2 texts are longer than the model's 16 tokens: 54 of 82 tokens"))
    let refused = try program("evaluate", "long.csv", "--model", model, "--window", "17")
    #expect(refused.status == 64 && refused.error.contains("16 positions"))
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
