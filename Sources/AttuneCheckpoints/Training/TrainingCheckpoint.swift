// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// The state of a training run after a step, as it was saved; its files were verified.
public struct TrainingCheckpoint: Sendable {
  static let modelFile = "model.safetensors"
  static let optimizerFile = "optimizer.safetensors"
  static let stateFile = "state.json"
  static let files = [modelFile, optimizerFile, stateFile]

  /// The folder, `step-00012345`.
  public let path: String
  /// How many steps were done.
  public let step: Int
  /// The model, under its own names.
  public let model: SafetensorsFile
  /// What the optimizer remembers.
  public let optimizer: SafetensorsFile
  /// Counters, schedule, best score: what the trainer put there.
  public let state: JSONField

  /// Opens a checkpoint and verifies it against its manifest.
  public init(_ path: String) throws {
    guard let step = Self.step(of: FileSystem.name(of: path)) else {
      throw TrainingCheckpointError(path: path, .notACheckpoint)
    }
    let manifest = try CheckpointManifest(folder: path, step: step)
    try manifest.verify(folder: path)
    (self.path, self.step) = (path, step)
    model = try SafetensorsFile(FileSystem.join(path, Self.modelFile))
    optimizer = try SafetensorsFile(FileSystem.join(path, Self.optimizerFile))
    state = try InputFile.json(of: FileSystem.join(path, Self.stateFile))
  }

  static func name(of step: Int) -> String {
    let digits = "\(step)"
    return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }

  static func step(of name: String) -> Int? {
    guard name.hasPrefix("step-"), let step = Int(name.dropFirst(5)), step >= 0,
      Self.name(of: step) == name
    else { return nil }
    return step
  }
}

/// Why a checkpoint cannot be written or resumed from.
public struct TrainingCheckpointError: AttuneError, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// The name is not `step-` and digits.
    case notACheckpoint
    /// A file has not the size that the manifest says.
    case size(expected: Int, found: Int)
    /// A file has not the content that the manifest says.
    case hash
    /// Another process trains into the folder.
    case locked(by: String)
    /// A new run would mix with the old one that the folder holds.
    case holdsRun(checkpointCount: Int)
    /// There is no checkpoint to resume from.
    case nothingToResume
    /// There are checkpoints, and all are damaged.
    case allDamaged([String])
    /// What was written reads back differently.
    case notVerified(String)
  }

  /// The folder or file.
  public let path: String
  /// What is wrong.
  public let problem: Problem

  init(path: String, _ problem: Problem) {
    self.path = path
    self.problem = problem
  }

  /// The status by problem.
  public var exitCode: ExitStatus {
    switch problem {
    case .notACheckpoint, .nothingToResume: .noInput
    case .size, .hash, .allDamaged: .data
    case .locked, .holdsRun: .cannotCreate
    case .notVerified: .ioError
    }
  }

  /// The message for the user.
  public var description: String {
    switch problem {
    case .notACheckpoint: "\(path): expected a checkpoint, a folder named as step-00000100."
    case .size(let expected, let found):
      "\(path): \(found) bytes, expected \(expected); the file is damaged."
    case .hash: "\(path): the content has changed since it was written; the file is damaged."
    case .locked(let owner):
      "\(path): \(owner) is training into this folder; wait for it or choose another folder."
    case .holdsRun(let count):
      "\(path): the folder holds \(count) checkpoint\(count == 1 ? "" : "s") of an earlier run; "
        + "resume it or choose another folder."
    case .nothingToResume:
      "\(path): there is no checkpoint to resume from; check the path or start a new run."
    case .allDamaged(let reasons):
      "\(path): every checkpoint is damaged, and starting again would hide that; move them away "
        + "to start a new run.\n" + reasons.map { "  \($0)" }.joined(separator: "\n")
    case .notVerified(let reason):
      "\(path): the checkpoint reads back differently from what was written; older ones are kept. "
        + "Check the disk. \(reason)"
    }
  }
}
