// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneData
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttunePipelines
import AttuneTensors
import AttuneTokenizers
import AttuneTraining
import Foundation
import TestSupport
import Testing

@testable import AttuneRecipes

@Suite("Small classifiers learn from large ones")
struct DistillationTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(SmallRuns.stars, to: "stars.csv")
  }

  private func train(
    _ output: String, teacher: String? = nil, from origin: String? = nil,
    existing: ExistingOutput = .refused, stopAfter polls: Int = .max,
    _ change: (inout ClassifierSettings) -> Void = { _ in }
  ) throws -> (report: ClassifierReport, notes: [String]) {
    var request = ClassifierTraining.Request(
      data: folder.path("stars.csv"), output: folder.path(output))
    (request.origin, request.existing) = (origin, existing)
    request.teacher = teacher.map(folder.path)
    var settings = SmallRuns.settings
    change(&settings)
    var (left, notes) = (polls, [String]())
    let report = try ClassifierTraining.run(
      request, settings: settings,
      shouldStop: {
        left -= 1
        return left < 0
      },
      observe: { if case .note(let note) = $0 { notes.append(note) } })
    return (report, notes)
  }

  private func accuracy(_ report: ClassifierReport) -> Double {
    guard case .labels(let evaluation) = report.evaluation else { return 0 }
    return evaluation.metrics.accuracy
  }

  /// A teacher of two layers that knows its stars.
  private func trainTeacher() throws {
    let (report, _) = try train("teacher") { $0.layers = 2 }
    #expect(accuracy(report) > 0.8)
  }

  @Test("A student learns from answers to texts without labels, and its run remembers the teacher")
  func learns() throws {
    try trainTeacher()
    // Hardly any labels, which half of the loss is about, and many texts.
    let rows = SmallRuns.stars.split(separator: "\n")
    let texts = rows.dropFirst().map { $0.split(separator: ",")[0] }
    try folder.write(texts.joined(separator: "\n\n"), to: "texts.txt")
    try folder.write((rows.prefix(21) + rows.suffix(50)).joined(separator: "\n"), to: "stars.csv")
    let change: (inout ClassifierSettings) -> Void = {
      $0.unlabelled = [folder.path("texts.txt")]
      ($0.vocabularySize, $0.validationFraction) = (150, 0.5)
    }
    let (report, notes) = try train("student", teacher: "teacher", change)
    #expect(accuracy(report) > 0.8)
    #expect(
      notes.contains { $0.hasPrefix("teacher: ") && $0.contains("150 of them without labels") })
    let run = try InputFile.json(of: folder.path("student/run.json"))
    #expect(try run.string(at: "teacher") == folder.path("teacher"))
    let facts = try InputFile.json(of: folder.path("student/best/attune.json")).field(
      at: "training")
    #expect(try facts.string(at: "teacher") == "teacher")
    let model = try ClassifierFolder(ModelFolder(folder.path("student/best"))).model
    #expect(model.namedTensors.allSatisfy { !$0.name.contains("projection") })
    // Interrupted and resumed without the teacher's name, it ends in the same bits.
    let again = try train("again", teacher: "teacher", stopAfter: 9, change)
    #expect(again.report.outcome == .interrupted)
    _ = try train("again", existing: .resumed, change)
    let (one, other) = ("student/last/model.safetensors", "again/last/model.safetensors")
    #expect(
      try InputFile.bytes(of: folder.path(one)) == InputFile.bytes(of: folder.path(other)))
  }

  @Test(
    "A student starts from the teacher's layers, evenly spread, and learns from the states of all")
  func takesLayers() throws {
    try trainTeacher()
    let teacher = try Teacher(folder.path("teacher"))
    let origin = try Origin(layersOf: teacher, count: 1)
    let known = try ClassifierFolder(ModelFolder(folder.path("teacher/best")))
    let configuration = try origin.configuration(
      labels: known.configuration.labels, task: .singleLabel)
    #expect(configuration.encoder.layerCount == 1)
    let student = try origin.model(configuration, key: RandomKey(seed: 1))
    let tensors = Dictionary(
      uniqueKeysWithValues: known.model.namedTensors.map { ($0.name, $0.tensor) })
    for (name, tensor) in student.namedTensors {
      let source = name.replacing("layers.0.", with: "layers.1.")
      #expect(tensor.values == tensors[source]?.values, "\(name)")
    }
    let (report, _) = try train("student", teacher: "teacher", from: "teacher") {
      ($0.dimension, $0.vocabularySize, $0.layers) = (nil, nil, 1)
      ($0.hiddenStates, $0.epochs) = (.layers, 3)
    }
    #expect(accuracy(report) > 0.8)
    #expect(throws: SettingError.self) { try Origin(layersOf: teacher, count: 3) }
  }

  @Test("The teacher's answers stand in the order of the student's labels, by its own tokens")
  func lessons() throws {
    try trainTeacher()
    let teacher = try Teacher(folder.path("teacher"))
    let own = try TextClassification(contentsOf: folder.path("teacher"))
    let text = LabelledText(parts: ["a wonderful plot"], labels: [], line: 1)
    let lesson = try teacher.lessons(
      on: [text], labels: ["5", "1", "2", "3", "4"], withFeatures: true,
      RecipeMonitor(shouldStop: { false }, observe: { _ in }))[0]
    let expected = own.logits([TextParts("a wonderful plot")])[0]
    #expect(lesson.logits == [expected[4]] + expected[..<4])
    #expect(lesson.features?.count == 16)
  }

  @Test("What no teacher can teach is refused before anything is written")
  func refuses() throws {
    try trainTeacher()
    func error(_ change: (inout ClassifierSettings) -> Void) -> (any Error)? {
      do {
        _ = try train("refused", teacher: "teacher", change)
        return nil
      } catch { return error }
    }
    #expect(
      error { $0.task = .ordinal } as? TeacherError
        == .otherTask(teacher: folder.path("teacher"), own: "single-label", found: "ordinal"))
    let tokenizer = try Tokenizer(contentsOf: folder.path("teacher/best"))
    #expect(throws: TeacherError.otherTokens(teacher: "bundled")) {
      try Teacher("bundled").model(sharing: tokenizer)
    }
    #expect((error { $0.temperature = 0 } as? SettingError)?.setting == "--temperature")
    #expect((error { $0.labelShare = 2 } as? SettingError)?.setting == "--label-share")
    try folder.write(
      "text,stars\n" + (0..<20).map { "good \($0),\($0 % 2)\n" }.joined(), to: "stars.csv")
    #expect(
      error { _ in } as? TeacherError
        == .otherLabels(
          teacher: folder.path("teacher"), own: ["1", "2", "3", "4", "5"], found: ["0", "1"]))
    #expect(!FileSystem.exists(folder.path("refused")))
  }
}
