// SPDX-License-Identifier: Apache-2.0

import AttuneModels
import AttuneRecipes
import AttuneTraining
import TestSupport
import Testing

@Suite("What no training can use is refused before anything is written")
struct ClassifierRefusalTests {
  private func message(
    _ file: String, _ change: (inout ClassifierSettings) -> Void
  ) throws -> String {
    let folder = try TemporaryFolder()
    try folder.write(file, to: "data.csv")
    var settings = SmallRuns.settings
    change(&settings)
    do {
      _ = try ClassifierTraining.run(
        .init(data: folder.path("data.csv"), output: folder.path("run")), settings: settings)
      return "no error"
    } catch {
      return "\(error)".replacing(folder.path("data.csv"), with: "data.csv")
    }
  }

  @Test("Settings of another task are not left out in silence")
  func otherTask() throws {
    #expect(
      try message(SmallRuns.stars) {
        $0.task = .regression; $0.labelSmoothing = 0.1
      }
        == "--label-smoothing belongs to --task single-label, but the task is regression. "
        + "Leave it out, or choose the task.")
    #expect(
      try message(SmallRuns.stars) { $0.score = .microF1 }
        == "--score micro-f1: the task single-label has no such score, expected one of: accuracy, "
        + "macro-f1.")
  }

  @Test("Labels that do not fit the task are named")
  func labels() throws {
    let words = "text,label\na,good\nb,bad\nc,good\nd,bad\n"
    #expect(
      try message(words) { $0.task = .ordinal }.hasPrefix(
        "--task ordinal: the labels are words, so their order must be told"))
    #expect(
      try message(words) { $0.labelOrder = ["bad", "goot"] }
        == "--label-order: the data have 'good' too, but the order names only 'bad', 'goot'. "
        + "Did you mean 'goot'?")
    #expect(
      try message(words) { $0.task = .regression }
        == "data.csv: lines 2, 3, 4, 5: the label 'good' is not a number, expected one such as 3 "
        + "or 4.5.")
    let prices = (0..<30).map { "text \($0),\(Double($0) + 0.5)\n" }.joined()
    #expect(
      try message("text,label\n" + prices) { _ in }
        == "data.csv: the labels are 30 different numbers, some with a single text. To predict the "
        + "number, add --task regression.")
  }

  @Test("A share for validation that is none is refused before it divides anything")
  func validationShare() throws {
    for share in [0, 1, 2, -1, .nan] {
      #expect(
        try message(SmallRuns.stars) { $0.validationFraction = share }
          == "--validation-share: found \(share), expected a share above 0 and below 1.")
    }
  }

  @Test("What is no number is refused, also where a teacher is to be heard")
  func notANumber() throws {
    #expect(
      try message(SmallRuns.stars) { $0.learningRate = .nan }
        == "--learning-rate: found nan, expected a small positive number.")
    #expect(
      try message(SmallRuns.stars) { $0.temperature = .nan }
        == "--temperature: found nan, expected a number above 0, 100 at most.")
  }

  @Test("A model that is there keeps its shape")
  func shape() throws {
    let folder = try TemporaryFolder()
    let request = {
      var request = ClassifierTraining.Request(
        data: "missing.csv", output: folder.path("run"))
      request.origin = "bundled"
      return request
    }()
    let error = #expect(throws: ClassifierTrainingError.self) {
      try ClassifierTraining.run(request, settings: SmallRuns.settings)
    }
    #expect(
      error
        == .settingsOfNewModel(["--layers", "--dimension", "--vocabulary"], origin: "bundled"))
  }

  @Test("Parts to be frozen are the model's")
  func frozen() throws {
    #expect(
      try message(SmallRuns.stars) { $0.frozen = ["embedding"] }
        == "--freeze 'embedding': the model has no such part. Did you mean 'embeddings'? Its parts "
        + "are encoder, encoder.embeddings, encoder.layers.0, head, head.classifier.")
    #expect(
      try message(SmallRuns.stars) { $0.frozen = ["encoder", "head"] }.contains(
        "there is nothing to train"))
  }
}
