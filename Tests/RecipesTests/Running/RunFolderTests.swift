// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneRecipes
import AttuneTraining
import Foundation
import TestSupport
import Testing

@Suite("Folders of training runs")
struct RunFolderTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(SmallRuns.stars, to: "stars.csv")
  }

  @discardableResult
  private func train(
    _ existing: ExistingOutput, observe: @escaping (RecipeEvent) -> Void = { _ in }
  ) throws -> ClassifierReport {
    var request = ClassifierTraining.Request(
      data: folder.path("stars.csv"), output: folder.path("run"))
    request.existing = existing
    var settings = SmallRuns.settings
    settings.maximumSteps = 1
    return try ClassifierTraining.run(request, settings: settings, observe: observe)
  }

  @Test("An empty folder can be overwritten, one with files of somebody else cannot")
  func overwrites() throws {
    try FileSystem.createFolder(folder.path("run"))
    #expect(try train(.overwritten).outcome == .completed)
    #expect(try train(.overwritten).outcome == .completed)
    try FileSystem.remove(folder.path("run"))
    try folder.write("dear diary", to: "run/diary.txt")
    #expect(throws: TrainingRunError.notARun(folder.path("run"))) { try train(.overwritten) }
    #expect(try InputFile.text(of: folder.path("run/diary.txt")) == "dear diary")
  }

  @Test("A folder that somebody makes while the data are read is left alone")
  func makesNothingTwice() throws {
    let path = folder.path("run")
    #expect(throws: TrainingRunError.outputExists(path)) {
      try train(.refused) { event in
        if case .note = event { _ = try? folder.write("another run", to: "run/run.json") }
      }
    }
    #expect(try InputFile.text(of: folder.path("run/run.json")) == "another run")
  }

  @Test("A run that cannot be begun leaves no folder behind")
  func leavesNothing() throws {
    let error = #expect(throws: FileError.self) {
      try FileChange.refusing(
        { _, path in path.contains("run.json") ? ENOSPC : nil },
        during: { _ = try train(.refused) })
    }
    #expect(error?.reason == .noSpace)
    #expect(!FileSystem.exists(folder.path("run")))
    #expect(try train(.refused).outcome == .completed)
  }

  @Test("A run that another process is training is not overwritten")
  func leavesRunsAlone() throws {
    try train(.refused)
    let best = try SHA256.hash(file: folder.path("run/best/model.safetensors"))
    do {
      let other = try CheckpointFolder(folder.path("run/checkpoints"), start: .resumeIfPossible)
      let error = #expect(throws: TrainingCheckpointError.self) { try train(.overwritten) }
      guard case .locked = error?.problem else {
        Issue.record("\(String(describing: error))"); return
      }
      withExtendedLifetime(other) {}
    }
    #expect(try SHA256.hash(file: folder.path("run/best/model.safetensors")) == best)
    #expect(try train(.overwritten).outcome == .completed)
  }
}
