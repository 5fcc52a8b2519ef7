// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneTensors
import TestSupport
import Testing

@Suite("A run's folder keeps whole checkpoints and finds the newest")
struct CheckpointFolderTests {
  let parent: TemporaryFolder
  var path: String { parent.path("run") }

  init() throws { parent = try TemporaryFolder() }

  @Test("Tensors and numbers come back with all their bits")
  func roundTrips() throws {
    var generator = SplitMix(seed: 1)
    let floats = (0..<1_000).map { _ in Float.random(in: -1...1, using: &generator) }
    let doubles = [
      0.1, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 4.0, -.infinity, .nan,
    ]
    let unsigned: [UInt64] = [0, 1 << 63, .max]
    var state = JSONObject()
    for (index, value) in doubles.enumerated() { state["d\(index)"] = .exactly(value) }
    for (index, value) in unsigned.enumerated() { state["u\(index)"] = .exactly(value) }
    let folder = try CheckpointFolder(path, start: .fresh)
    try folder.save(
      step: 7, model: [("w", Tensor(floats))], optimizer: [("w.mean", Tensor(floats.reversed()))],
      state: .object(state))
    let (checkpoint, warnings) = try #require(try folder.newest())
    #expect(warnings.isEmpty)
    #expect(checkpoint.step == 7)
    #expect(checkpoint.path == "\(path)/step-00000007")
    #expect(try checkpoint.model.tensor(named: "w").values == floats)
    #expect(try checkpoint.optimizer.tensor(named: "w.mean").values == floats.reversed())
    for (index, value) in doubles.enumerated() {
      #expect(try checkpoint.state.exactDouble(at: "d\(index)").bitPattern == value.bitPattern)
    }
    for (index, value) in unsigned.enumerated() {
      #expect(try checkpoint.state.exactUnsigned(at: "u\(index)") == value)
    }
  }

  @Test("The last two and the best are kept")
  func rotates() throws {
    let folder = try CheckpointFolder(path, start: .fresh)
    for step in [5, 10, 15, 20, 25] { try folder.saveSample(step: step, best: [10]) }
    #expect(try folder.steps() == [10, 20, 25])
    try folder.saveSample(step: 30, best: [25])
    #expect(try folder.steps() == [25, 30])
  }

  static let damages: [(String, Damage)] = TrainingSample.files.flatMap { file in
    Damage.all.map { (file, $0) }
  }

  @Test("A damaged newest checkpoint is left out with a warning", arguments: damages)
  func fallsBack(file: String, damage: Damage) throws {
    do {
      let folder = try CheckpointFolder(path, start: .fresh)
      for step in [1, 2, 3] { try folder.saveSample(step: step) }
    }
    try damage.apply(to: "\(path)/step-00000003/\(file)")
    let folder = try CheckpointFolder(path, start: .resume)
    let (checkpoint, warnings) = try #require(try folder.newest())
    #expect(checkpoint.step == 2)
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("step-00000003 is left out: \(path)/step-00000003/") == true)
    // Training goes on: the damaged one protects nothing and does not stand in the way.
    try folder.saveSample(step: 3)
    #expect(try folder.newest()?.checkpoint.step == 3)
    #expect(try folder.steps() == [2, 3])
  }

  @Test("A damaged checkpoint does not count among those kept")
  func doesNotCountDamaged() throws {
    let folder = try CheckpointFolder(path, start: .fresh)
    for step in [2, 9] { try folder.saveSample(step: step) }
    try Damage.deleted.apply(to: "\(path)/step-00000009/model.safetensors")
    #expect(try folder.newest()?.checkpoint.step == 2)
    try folder.saveSample(step: 4)
    #expect(try folder.steps() == [2, 4])
  }

  @Test("When all are damaged, nothing starts from scratch in silence")
  func refusesAllDamaged() throws {
    let folder = try CheckpointFolder(path, start: .fresh)
    for step in [1, 2] {
      try folder.saveSample(step: step)
      try Damage.flipped.apply(to: "\(path)/step-0000000\(step)/state.json")
    }
    let error = try #require(throws: TrainingCheckpointError.self) { try folder.newest() }
    guard case .allDamaged(let reasons) = error.problem else { throw error }
    #expect(reasons.count == 2)
    #expect(error.exitCode == .data)
  }

  private func problem(_ start: CheckpointFolder.Start) throws -> TrainingCheckpointError.Problem {
    try #require(throws: TrainingCheckpointError.self) {
      try CheckpointFolder(path, start: start)
    }.problem
  }

  @Test("A new run does not mix with an old one, and nothing cannot be resumed")
  func checksStart() throws {
    #expect(try problem(.resume) == .nothingToResume)
    do {
      let folder = try CheckpointFolder(path, start: .resumeIfPossible)
      #expect(try folder.newest() == nil)
    }
    #expect(try problem(.resume) == .nothingToResume)
    do { try CheckpointFolder(path, start: .fresh).saveSample(step: 1) }
    #expect(try problem(.fresh) == .holdsRun(checkpointCount: 1))
  }

  @Test("Two trainers cannot use one folder")
  func locks() throws {
    let first = try CheckpointFolder(path, start: .fresh)
    guard case .locked(let owner) = try problem(.fresh) else {
      Issue.record("not locked")
      return
    }
    #expect(owner.hasPrefix("process "))
    try first.saveSample(step: 1)
  }

  @Test("What a killed process left half-written is removed, other files stay")
  func removesLeftovers() throws {
    try parent.write("x", to: "run/.step-00000009.attune-unfinished-1/model.safetensors")
    try parent.write("x", to: "run/log.txt")
    let folder = try CheckpointFolder(path, start: .fresh)
    #expect(folder.removedLeftovers == [".step-00000009.attune-unfinished-1"])
    try folder.saveSample(step: 1)
    #expect(FileSystem.exists("\(path)/log.txt"))
  }

  @Test("A diverged model does not push out the last sound one")
  func refusesDiverged() throws {
    let folder = try CheckpointFolder(path, start: .fresh)
    try folder.saveSample(step: 1)
    #expect(throws: NonFiniteError.self) {
      try folder.save(step: 2, model: [("w", Tensor([.nan]))], optimizer: [], state: [:])
    }
    #expect(try folder.steps() == [1])
  }

  @Test("Only folders named as checkpoints count")
  func readsNames() throws {
    for name in ["step-7", "step-0000000x", "step-+0000007", "steps-00000007", "step-000000007"] {
      try parent.write("x", to: "run/\(name)/manifest.json")
    }
    let folder = try CheckpointFolder(path, start: .fresh)
    try folder.saveSample(step: 123_456_789)
    #expect(try folder.steps() == [123_456_789])
  }
}
