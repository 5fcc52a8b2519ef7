// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("Classifiers are trained")
struct TrainTests {
  let program: Program

  init() throws {
    program = try Program()
    try program.folder.write(TrainedModel.reviews, to: "reviews.csv")
  }

  private func arguments(_ output: String, _ more: String...) -> [String] {
    ["train", "classifier", "reviews.csv", "--output", output] + more + TrainedModel.sizes
  }

  @Test("A run reports its columns, its scores and the yardstick")
  func reports() throws {
    let result = try program.run(arguments("run", "--epochs", "4"))
    #expect(result.status == 0, "\(result.error)")
    #expect(result.error.contains("text: 'text', label: 'label'"))
    for part in ["accuracy", "macro-F1", "label \\ prediction", "Yardstick", "run/best"] {
      #expect(result.output.contains(part), "\(part)")
    }
    let again = try program.run(arguments("run", "--epochs", "4"))
    #expect(again.status == 73 && again.error.contains("--resume"))
    let json = try program.run(
      arguments("run", "--epochs", "4") + ["--overwrite", "--json", "--quiet"])
    #expect(json.status == 0 && json.error.isEmpty, "\(json.error)")
    let document = JSONField(try JSONValue(parsing: Array(json.output.utf8), source: ""))
    #expect(try document.integer(at: "count") == 20)
    #expect(try document.field(at: "yardstick").double(at: "accuracy") == 1)
  }

  @Test("Words that tell the labels apart are learned")
  func learns() throws {
    let result = try program(
      "evaluate", "reviews.csv", "--model", TrainedModel.path, "--json", "--quiet")
    let json = JSONField(try JSONValue(parsing: Array(result.output.utf8), source: ""))
    #expect(try json.double(at: "accuracy") > 0.95)
  }

  @Test("Ctrl-C saves; the resumed run has the bits of one that was never stopped")
  func resumes() throws {
    let whole = try program.run(arguments("whole", "--epochs", "30"))
    #expect(whole.status == 0, "\(whole.error)")
    let running = try program.start(arguments("parted", "--epochs", "30"))
    // An error of the program would end the wait as well.
    while try !["step 36:", "error:"].contains(where: running.error.contains) { usleep(1_000) }
    running.send(SIGINT)
    let stopped = try running.wait()
    #expect(stopped.status == 130, "\(stopped.error)")
    #expect(stopped.error.contains("--resume") && stopped.output.isEmpty)
    let resumed = try program.run(arguments("parted", "--epochs", "30") + ["--resume"])
    #expect(resumed.status == 0 && resumed.error.contains("resumed after step"), "\(resumed.error)")
    for name in ["best", "last"] {
      for file in ["model.safetensors", "2_Dense/model.safetensors", "attune.json"] {
        let files = try ["whole", "parted"].map {
          try InputFile.bytes(of: program.folder.path("\($0)/\(name)/\(file)"))
        }
        #expect(files[0] == files[1], "\(name)/\(file)")
      }
    }
    // What it took is told too, and differs from run to run.
    func result(_ output: String) -> [Substring] {
      output.split(separator: "\n").filter { !$0.hasPrefix("took ") }
    }
    #expect(result(whole.output.replacing("whole", with: "parted")) == result(resumed.output))
    #expect(result(whole.output).count + 1 == whole.output.split(separator: "\n").count)
  }

  @Test("Stars are learned in their order, and sets of labels from columns of their own")
  func learnsOtherTasks() throws {
    let words = ["awful", "poor", "fair", "good", "wonderful"]
    let rows = (0..<100).map { "the \(words[$0 % 5]) film \($0),\($0 % 5 + 1)\n" }
    try program.folder.write("text,stars\n" + rows.joined(), to: "stars.csv")
    let plain = try program.run(
      ["train", "classifier", "stars.csv", "--output", "plain", "--max-steps", "1"]
        + TrainedModel.sizes)
    #expect(plain.error.contains("--task ordinal learns to miss by little"), "\(plain.error)")
    let stars = try program.run([
      "train", "classifier", "stars.csv", "--output", "stars", "--task", "ordinal", "--from",
      "plain",
      "--epochs", "20", "--learning-rate", "0.01", "--layer-decay", "0.9", "--json",
    ])
    #expect(stars.status == 0, "\(stars.error)")
    #expect(stars.error.contains("from: plain/best, with a new head"), "\(stars.error)")
    let document = JSONField(try JSONValue(parsing: Array(stars.output.utf8), source: ""))
    #expect(try document.string(at: "task") == "ordinal")
    #expect(try document.double(at: "mean_absolute_error") < 0.5)
    #expect(try document.field(at: "yardstick").double(at: "share_within_one") > 0.9)
    #expect(try document.field(at: "cost").double(at: "tokens_per_second") > 0)
    let columns = (0..<60).map { "the \(["plain", "red", "blue", "red blue"][$0 % 4]) film \($0)" }
    try program.folder.write(
      "text,red,blue\n"
        + columns.map { "\($0),\($0.contains("red") ? 1 : 0),\($0.contains("blue") ? 1 : 0)\n" }
        .joined(), to: "colours.csv")
    let colours = try program.run(
      ["train", "classifier", "colours.csv", "--output", "colours", "--label-columns", "red,blue"]
        + ["--epochs", "40", "--no-tune-thresholds"] + TrainedModel.sizes)
    #expect(colours.status == 0 && colours.output.contains("micro-F1"), "\(colours.error)")
    let score = try program(
      "evaluate", "colours.csv", "--model", "colours/last", "--json", "--quiet")
    let scores = JSONField(try JSONValue(parsing: Array(score.output.utf8), source: ""))
    #expect(try scores.double(at: "exact_match") > 0.8)
    let frozen = try program.run([
      "train", "classifier", "stars.csv", "--output", "x", "--from", "plain", "--freeze", "layer.0",
    ])
    #expect(frozen.status == 64 && frozen.error.contains("Did you mean 'layers.0'?"))
  }
}
