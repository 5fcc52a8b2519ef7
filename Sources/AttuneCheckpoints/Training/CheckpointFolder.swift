// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// The folder of one training run: a series of checkpoints, of which at least one is whole at any
/// time once the first was saved.
///
/// ```swift
/// let folder = try CheckpointFolder("run1", start: .resumeIfPossible)
/// if let (checkpoint, warnings) = try folder.newest() { … }
/// try folder.save(step: 500, model: model.namedTensors, optimizer: moments, state: state)
/// ```
public final class CheckpointFolder {
  /// What the folder may hold when training begins.
  public enum Start: Sendable {
    /// No checkpoint: a new run.
    case fresh
    /// At least one checkpoint.
    case resume
    /// Either.
    case resumeIfPossible
  }

  /// The folder.
  public let path: String
  /// What a killed process had left half-written and was removed.
  public let removedLeftovers: [String]
  private let lock: FolderLock
  /// Steps whose checkpoints turned out damaged: they protect nothing.
  private var damaged: Set<Int> = []
  private static let keptCount = 2

  /// Opens the folder for this process alone; a new run's folder is made.
  public init(_ path: String, start: Start) throws {
    if start != .resume { try FileSystem.createFolder(path) }
    guard FileSystem.isFolder(path) else {
      throw TrainingCheckpointError(path: path, .nothingToResume)
    }
    lock = try FolderLock(path)
    self.path = path
    removedLeftovers = try AtomicFile.removeLeftovers(in: path)
    let count = try steps().count
    switch start {
    case .fresh where count > 0:
      throw TrainingCheckpointError(path: path, .holdsRun(checkpointCount: count))
    case .resume where count == 0: throw TrainingCheckpointError(path: path, .nothingToResume)
    default: break
    }
  }

  /// The steps that have a checkpoint, damaged ones included, rising.
  public func steps() throws -> [Int] {
    try FileSystem.entries(of: path).compactMap(TrainingCheckpoint.step(of:)).sorted()
  }

  /// Returns the newest checkpoint that is whole, with a warning for each newer one that is not; nil
  /// if there is none at all.
  ///
  /// - Throws: When there are checkpoints but none is whole.
  public func newest() throws -> (checkpoint: TrainingCheckpoint, warnings: [String])? {
    var warnings: [String] = []
    let steps = try steps()
    for step in steps.reversed() {
      do {
        let checkpoint = try TrainingCheckpoint(path(of: step))
        return (checkpoint, warnings)
      } catch {
        damaged.insert(step)
        warnings.append("\(TrainingCheckpoint.name(of: step)) is left out: \(error)")
      }
    }
    guard steps.isEmpty else {
      throw TrainingCheckpointError(path: path, .allDamaged(warnings))
    }
    return nil
  }

  /// Returns the checkpoint of a step, verified.
  public func checkpoint(ofStep step: Int) throws -> TrainingCheckpoint {
    try TrainingCheckpoint(path(of: step))
  }

  /// Saves a checkpoint, reads it back, and only then removes old ones.
  ///
  /// Kept are this one, the one before it, and those of `best`. When saving fails, whatever was
  /// there stays untouched.
  ///
  /// - Parameter state: The trainer's own; `JSONValue.exactly` keeps numbers that JSON would bend.
  /// - Returns: Warnings about old checkpoints that could not be removed.
  @discardableResult
  public func save(
    step: Int, model: [NamedTensor], optimizer: [NamedTensor], state: JSONValue,
    best: Set<Int> = []
  ) throws -> [String] {
    // A diverged model must not push out the last sound one.
    try NonFiniteError.check(model + optimizer)
    let target = path(of: step)
    let names = TrainingCheckpoint.files + [CheckpointManifest.file]
    let folder = try AtomicFolder(target, existing: .replace(holding: names))
    let manifest = CheckpointManifest(
      step: step,
      files: [
        try write(TrainingCheckpoint.modelFile, in: folder) {
          try SafetensorsWriter(model).write(to: $0)
        },
        try write(TrainingCheckpoint.optimizerFile, in: folder) {
          try SafetensorsWriter(optimizer).write(to: $0)
        },
        try write(TrainingCheckpoint.stateFile, in: folder) {
          try (state.serialized(.pretty) + [0x0A]).withUnsafeBytes($0)
        },
      ])
    // No line break at the end: a manifest that lost its last byte is to be no manifest.
    try folder.write(try manifest.json.serialized(.pretty), to: CheckpointManifest.file)
    try folder.commit()
    do {
      try CheckpointManifest(folder: target, step: step).verify(folder: target)
    } catch {
      damaged.insert(step)
      throw TrainingCheckpointError(path: target, .notVerified("\(error)"))
    }
    damaged.remove(step)
    return removeOld(keeping: best.union([step]))
  }

  private func path(of step: Int) -> String {
    FileSystem.join(path, TrainingCheckpoint.name(of: step))
  }

  private func write(
    _ name: String, in folder: AtomicFolder,
    _ content: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws -> CheckpointManifest.File {
    let file = try folder.open(name)
    var hash = SHA256()
    var size = 0
    try content { bytes in
      try file.write(bytes)
      hash.update(bytes)
      size += bytes.count
    }
    return CheckpointManifest.File(name: name, size: size, sha256: "\(hash.finalize())")
  }

  private func removeOld(keeping named: Set<Int>) -> [String] {
    var warnings: [String] = []
    do {
      let steps = try steps()
      let whole = steps.filter { !damaged.contains($0) }
      let kept = named.subtracting(damaged).union(whole.suffix(Self.keptCount))
      for step in steps where !kept.contains(step) {
        do {
          try FileSystem.remove(path(of: step))
          damaged.remove(step)
        } catch {
          warnings.append("an old checkpoint stays: \(error)")
        }
      }
    } catch {
      warnings.append("old checkpoints stay: \(error)")
    }
    return warnings
  }
}
