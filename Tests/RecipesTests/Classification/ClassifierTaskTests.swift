// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttunePipelines
import AttuneRecipes
import AttuneTensors
import AttuneTraining
import Foundation
import TestSupport
import Testing

@Suite("Classifiers are trained for every task")
struct ClassifierTaskTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(SmallRuns.stars, to: "stars.csv")
    try folder.write(SmallRuns.tags, to: "tags.csv")
  }

  private func train(
    _ file: String, _ output: String = "run", from origin: String? = nil,
    existing: ExistingOutput = .refused, stopAfter polls: Int? = nil,
    _ change: (inout ClassifierSettings) -> Void = { _ in }
  ) throws -> ClassifierReport {
    var request = ClassifierTraining.Request(
      data: folder.path(file), output: folder.path(output))
    (request.origin, request.existing) = (origin, existing)
    var settings = SmallRuns.settings
    change(&settings)
    var left = polls ?? .max
    return try ClassifierTraining.run(
      request, settings: settings,
      shouldStop: {
        left -= 1
        return left < 0
      })
  }

  private func model(_ output: String = "run") throws -> TextClassification {
    try TextClassification(contentsOf: folder.path(output))
  }

  private func json(_ name: String) throws -> JSONField {
    try InputFile.json(of: folder.path(name))
  }

  @Test("Ordered labels are learned to miss by little")
  func ordinal() throws {
    let report = try train("stars.csv") { $0.task = .ordinal }
    guard case .labels(let evaluation) = report.evaluation else { Issue.record(); return }
    let ordinal = try #require(evaluation.ordinal)
    #expect(report.score == .meanAbsoluteError && ordinal.meanAbsoluteError < 0.3)
    #expect(try model().configuration.task == .ordinal)
    #expect(try model().labels == ["1", "2", "3", "4", "5"])
    #expect(try json("run/best/attune.json").string(at: "classification_task") == "ordinal")
    let result = try json("run/run.json").field(at: "result")
    #expect(
      try result.field(at: "best").double(at: "mean_absolute_error") == ordinal.meanAbsoluteError)
    #expect(try result.field(at: "cost").integer(at: "tokens") > 0)
  }

  @Test("Numbers are said as they are by the saved model")
  func regression() throws {
    let report = try train("stars.csv") { $0.task = .regression }
    guard case .numbers(let evaluation) = report.evaluation else { Issue.record(); return }
    #expect(evaluation.metrics.pearson > 0.8 && evaluation.metrics.meanAbsoluteError < 0.7)
    let model = try model()
    #expect(model.configuration.task == .regression && model.labels == ["stars"])
    let answers = model.logits(["wonderful 1", "awful 2"].map { TextParts($0) }).map { $0[0] }
    #expect(answers[0] > 3.5 && answers[1] < 2.5, "\(answers)")
    guard case .numbers(let yardstick) = report.yardstick else { Issue.record(); return }
    #expect(yardstick.metrics.pearson > 0.8)
  }

  @Test("Sets of labels are learned, with thresholds that fit the validation texts")
  func multiLabel() throws {
    let report = try train("tags.csv") { $0.labelSeparator = ";" }
    guard case .labelSets(let evaluation) = report.evaluation else { Issue.record(); return }
    #expect(report.task == .multiLabel && report.labels == ["big", "blue", "red"])
    #expect(evaluation.metrics.microF1 > 0.8)
    let facts = try json("run/best/attune.json")
    #expect(try facts.doubles(at: "thresholds").map { Float($0) } == evaluation.thresholds)
    #expect(try facts.string(at: "label_separator") == ";")
    #expect(try facts.string(at: "label_column") == "label")
    #expect(try model().configuration.task == .multiLabel)
    guard case .labelSets(let yardstick) = report.yardstick else { Issue.record(); return }
    #expect(yardstick.metrics.microF1 > 0.8)
  }

  @Test(
    "A resumed run has the bits of one that was never stopped, whatever the task",
    arguments: [ClassificationTask.ordinal, .regression, .multiLabel])
  func resumes(task: ClassificationTask) throws {
    let file = task == .multiLabel ? "tags.csv" : "stars.csv"
    func change(_ settings: inout ClassifierSettings) {
      settings.task = task
      (settings.layers, settings.epochs) = (2, 4)
      (settings.layerDecay, settings.frozen) = (0.7, ["layers.0", "encoder.embeddings.position"])
    }
    _ = try train(file, "whole", change)
    let stopped = try train(file, "parted", stopAfter: 20, change)
    #expect(stopped.outcome == .interrupted && stopped.state.step == 19)
    let resumed = try train(file, "parted", existing: .resumed, change)
    #expect(resumed.outcome == .completed)
    for name in ["best", "last"] {
      for part in ["model.safetensors", "2_Dense/model.safetensors", "attune.json"] {
        let bytes = try ["whole", "parted"].map {
          try InputFile.bytes(of: folder.path("\($0)/\(name)/\(part)"))
        }
        #expect(bytes[0] == bytes[1], "\(name)/\(part)")
      }
    }
    #expect(throws: TrainingRunError.self) {
      try train(file, "parted", from: "bundled", existing: .resumed, change)
    }
  }

  @Test("A run goes on with its head where labels are the same, and gets a new one where not")
  func keepsHead() throws {
    let first = try train("stars.csv", "first") { $0.task = .regression }
    guard case .numbers(let before) = first.evaluation else { Issue.record(); return }
    // The task is the model's own.
    let second = try train("stars.csv", "second", from: folder.path("first")) {
      $0 = ClassifierSettings()
      ($0.maximumSteps, $0.learningRate) = (1, 1e-9)
    }
    guard case .numbers(let after) = second.evaluation else { Issue.record(); return }
    #expect(second.state.step == 1)
    for (left, right) in zip(before.predictions, after.predictions) {
      #expect(abs(left - right) < 1e-3)
    }
    let third = try train("stars.csv", "third", from: folder.path("first")) {
      $0 = ClassifierSettings()
      ($0.task, $0.maximumSteps) = (.ordinal, 1)
    }
    #expect(third.labels.count == 5)
    let settings = try json("third/run.json").field(at: "settings")
    #expect(try settings.double(at: "headRateFactor") == 10)
  }

  @Test(
    "In the first step each weight moves by its rate: that of its layer, of the head, or not at all"
  )
  func rates() throws {
    _ = try train("stars.csv", "first") {
      ($0.task, $0.layers, $0.maximumSteps) = (.ordinal, 2, 3)
    }
    _ = try train("stars.csv", "second", from: folder.path("first/last")) {
      $0 = ClassifierSettings()
      ($0.maximumSteps, $0.learningRate, $0.warmUp, $0.decay) = (1, 1e-3, 0, .constant)
      ($0.layerDecay, $0.headRateFactor, $0.weightDecay) = (0.5, 4, 0)
      $0.frozen = ["encoder.embeddings.position"]
    }
    let models = try ["first", "second"].map {
      try ClassifierFolder(ModelFolder(folder.path("\($0)/last"))).model.namedTensors
    }
    func moved(_ name: String) throws -> Double {
      let tensors = try models.map { tensors in
        try #require(tensors.first { $0.name == name }, "\(name)").tensor.values
      }
      return zip(tensors[0], tensors[1]).map { abs(Double($0) - Double($1)) }.max() ?? 0
    }
    // AdamW's first step is as long as the rate, whatever the gradient.
    for (name, rate) in [
      ("head.classifier.weight", 4e-3), ("encoder.layers.1.feedForward.expand.weight", 1e-3),
      ("encoder.layers.0.feedForward.expand.weight", 0.5e-3),
      ("encoder.embeddings.token.weight", 0.25e-3), ("encoder.embeddings.position.weight", 0),
    ] {
      let distance = try moved(name)
      #expect(abs(distance - rate) <= 0.01 * rate, "\(name) moved by \(distance)")
    }
  }

  @Test("The bundled classifier is a model to start from")
  func startsFromBundled() throws {
    try folder.write(
      "text,label\na wonderful film,positive\ndreadful,negative\nlovely,positive\nawful,negative\n",
      to: "reviews.csv")
    let report = try train("reviews.csv", from: "bundled") {
      $0 = ClassifierSettings()
      ($0.maximumSteps, $0.validationFraction) = (1, 0.5)
    }
    guard case .labels(let evaluation) = report.evaluation else { Issue.record(); return }
    #expect(evaluation.metrics.accuracy == 1)
    #expect(try json("run/best/attune.json").field(at: "training").string(at: "from") == "bundled")
  }
}
