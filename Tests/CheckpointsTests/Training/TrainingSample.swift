// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import AttuneTensors
import TestSupport
import Testing

/// A small state of a training run whose content follows from its step.
enum TrainingSample {
  static let files = ["model.safetensors", "optimizer.safetensors", "state.json", "manifest.json"]

  /// Throws unless the checkpoint holds what was saved for its step.
  static func check(_ checkpoint: TrainingCheckpoint) throws {
    try #require(try checkpoint.model.tensor(named: "w").values == values(checkpoint.step))
    try #require(try checkpoint.optimizer.tensor(named: "m").values == values(-checkpoint.step))
    try #require(try checkpoint.state.integer(at: "step") == checkpoint.step)
  }

  fileprivate static func values(_ step: Int) -> [Float] { (0..<40).map { Float($0 * step) } }
}

extension CheckpointFolder {
  func saveSample(step: Int, best: Set<Int> = []) throws {
    let warnings = try save(
      step: step, model: [("w", Tensor(TrainingSample.values(step)))],
      optimizer: [("m", Tensor(TrainingSample.values(-step)))], state: ["step": .integer(step)],
      best: best)
    if let warning = warnings.first { throw RotationFailed(warning: warning) }
  }
}

struct RotationFailed: Error { let warning: String }

/// What disks and people do to a file.
enum Damage: Sendable, CaseIterable {
  case deleted, emptied, truncated, lengthened, flipped

  static let all = allCases

  func apply(to path: String) throws {
    var bytes = try InputFile.bytes(of: path)
    switch self {
    case .deleted:
      try FileSystem.remove(path)
      return
    case .emptied: bytes = []
    case .truncated: bytes.removeLast()
    case .lengthened: bytes.append(0)
    case .flipped: bytes[bytes.count / 2] ^= 1
    }
    try AtomicFile.write(bytes, to: path)
  }
}
