// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import AttuneModels
import AttunePipelines
import AttuneRecipes
import AttuneTraining
import TestSupport
import Testing

@Suite("Few examples")
struct FewShotTests {
  let folder: TemporaryFolder

  /// Opinions of meals under labels that the bundled classifier of films has no head for.
  private static let meals = [
    ("a wonderful warm soup", "again"), ("lovely bread and a great cake", "again"),
    ("the best pasta, excellent", "again"), ("brilliant cooking, a joy", "again"),
    ("moving, charming, delicious", "again"), ("superb and beautiful dishes", "again"),
    ("awful cold soup", "never"), ("boring bread and a terrible cake", "never"),
    ("the worst pasta, dreadful", "never"), ("stupid cooking, a waste", "never"),
    ("bland, dull, disappointing", "never"), ("poor and ugly dishes", "never"),
  ]
  private static let others = [
    ("great and lovely", "again"), ("excellent wonderful food", "again"),
    ("terrible and boring", "never"), ("dreadful awful food", "never"),
  ]

  init() throws {
    folder = try TemporaryFolder()
    for (name, rows) in [("meals.csv", Self.meals), ("others.csv", Self.others)] {
      let lines = rows.map { "\"\($0.0)\",\($0.1)\n" }.joined()
      try folder.write("text,label\n" + lines, to: name)
    }
  }

  private final class Notes { var all: [String] = [] }

  private func train(
    _ output: String, from origin: String? = "bundled", stopAfter polls: Int = .max,
    existing: ExistingOutput = .refused, notes: Notes = Notes(),
    _ change: (inout ClassifierSettings) -> Void = { _ in }
  ) throws -> ClassifierReport {
    var request = ClassifierTraining.Request(
      data: folder.path("meals.csv"), output: folder.path(output))
    request.validation = folder.path("others.csv")
    (request.origin, request.existing) = (origin, existing)
    var settings = ClassifierSettings()
    settings.maximumSteps = 6
    change(&settings)
    var left = polls
    return try ClassifierTraining.run(
      request, settings: settings,
      shouldStop: {
        left -= 1
        return left < 0
      },
      observe: { if case .note(let text) = $0 { notes.all.append(text) } })
  }

  private func bytes(_ run: String) throws -> [[UInt8]] {
    try ["best", "last"].flatMap { model in
      try FileSystem.entries(of: folder.path("\(run)/\(model)")).sorted()
        .map { folder.path("\(run)/\(model)/\($0)") }.filter { !FileSystem.isFolder($0) }
        .map { try InputFile.bytes(of: $0) }
    }
  }

  @Test("They are learned from, by a run that says so, and the model opens as any other")
  func learns() throws {
    let notes = Notes()
    let report = try train("run", notes: notes)
    guard case .labels(let evaluation) = report.evaluation else { Issue.record(); return }
    #expect(evaluation.metrics.accuracy == 1 && report.state.step == 6)
    #expect(
      notes.all.contains { $0.hasPrefix("few-shot: on, since there are 6.0 texts a label") },
      "\(notes.all)")
    #expect(notes.all.contains { $0.hasSuffix("with a new head") })
    let model = try TextClassification(contentsOf: folder.path("run"))
    #expect(model.labels == ["again", "never"])
    let answers = model.classify(["a wonderful, lovely cake", "an awful, boring cake"])
    #expect(answers.map(\.label) == ["again", "never"])
    let best = try TextClassification(contentsOf: folder.path("run/last"))
    #expect(best.logits([TextParts("a cake")]) == model.logits([TextParts("a cake")]))
  }

  @Test("A resumed run has the bits of one that was never stopped, also when it was done")
  func resumes() throws {
    _ = try train("whole")
    let stopped = try train("parted", stopAfter: 4)
    #expect(stopped.outcome == .interrupted && stopped.state.step == 3)
    for _ in 0..<2 {
      let resumed = try train("parted", existing: .resumed)
      #expect(resumed.outcome == .completed && resumed.state.step == 6)
      #expect(try bytes("parted") == bytes("whole"))
    }
  }

  @Test("With a frozen encoder the head alone is fitted")
  func frozen() throws {
    let report = try train("run") { ($0.frozen, $0.fewShot) = (["encoder"], .on) }
    guard case .labels(let evaluation) = report.evaluation else { Issue.record(); return }
    #expect(report.state.step == 0 && evaluation.metrics.accuracy >= 0.75)
    let model = try TextClassification(contentsOf: folder.path("run"))
    let (found, own) = try (
      TextEmbedding(contentsOf: folder.path("run")).embed(["a cake"]),
      TextEmbedding(contentsOf: folder.path("run/last")).embed(["a cake"])
    )
    #expect(found.values == own.values && model.labels.count == 2)
  }

  @Test("Fine-tuning goes on where few examples are not learned from, and says why if asked for")
  func isOff() throws {
    func decision(_ change: (inout ClassifierSettings) -> Void) throws -> String? {
      let notes = Notes()
      _ = try train("run", existing: .refused, notes: notes) {
        change(&$0)
        $0.maximumSteps = 1
      }
      try FileSystem.remove(folder.path("run"))
      return notes.all.first { $0.hasPrefix("few-shot") }
    }
    #expect(try decision { $0.fewShot = .off } == nil)
    #expect(try decision { $0.task = .multiLabel } == nil)
    #expect(
      try decision { $0.patience = 2 } == "few-shot: off, since it has no use for --patience")
  }

  @Test("What cannot be asked of few examples is refused")
  func refuses() throws {
    func message(
      from origin: String? = "bundled", _ change: (inout ClassifierSettings) -> Void
    ) -> String {
      do {
        _ = try train("run", from: origin) {
          $0.fewShot = .on
          change(&$0)
        }
        return "no error"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      message(from: nil) { _ in }
        == "--few-shot on: few examples teach a pretrained encoder, not a new one. Name one with "
        + "--from.")
    #expect(
      message { ($0.labelSmoothing, $0.patience) = (0.1, 3) }
        == "--few-shot on has no use for --label-smoothing, --patience: its head is fitted in one "
        + "go. Leave them out, or fine-tune with --few-shot off.")
    #expect(
      message { $0.task = .multiLabel }
        == "--few-shot on belongs to --task single-label, but the task is multi-label. Leave it "
        + "out, or choose the task.")
    #expect(!FileSystem.exists(folder.path("run")))
  }
}
