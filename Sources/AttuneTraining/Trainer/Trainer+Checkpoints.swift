// SPDX-License-Identifier: Apache-2.0

public import AttuneCheckpoints
public import AttuneLayers
internal import AttuneTensors

extension Trainer {
  /// Goes on from the newest checkpoint in the folder that is whole; stays as it is when there is none.
  ///
  /// - Returns: A warning for each newer checkpoint that is damaged.
  public mutating func resume(from folder: CheckpointFolder) throws -> [String] {
    guard let (newest, warnings) = try folder.newest() else { return [] }
    let snapshot = try TrainingSnapshot(newest, model: model, optimizer: optimizer.settings)
    var best: O.Model?
    if let step = snapshot.state.bestStep {
      best = model
      try best?.load(from: try folder.checkpoint(ofStep: step).model)
    }
    try resume(from: snapshot, best: best)
    return warnings
  }
}

extension TrainingHooks {
  /// Returns the hooks with snapshots saved into the folder, which keeps the last two and the best.
  public func saving(in folder: CheckpointFolder) -> TrainingHooks {
    var hooks = self
    let observe = observe
    hooks.save = { snapshot, _ in
      for warning in try folder.save(snapshot) { observe(.warning(warning)) }
    }
    return hooks
  }
}

extension CheckpointFolder {
  /// Saves a snapshot; returns warnings about old checkpoints that could not be removed.
  @discardableResult
  public func save(_ snapshot: TrainingSnapshot<some Module>) throws -> [String] {
    try save(
      step: snapshot.state.step, model: snapshot.model.namedTensors,
      optimizer: snapshot.optimizer.namedTensors, state: snapshot.state.json,
      best: snapshot.state.bestStep.map { [$0] } ?? [])
  }
}

extension TrainingSnapshot {
  /// The snapshot that a checkpoint holds.
  ///
  /// - Parameter model: Of the same architecture; its parameters are replaced.
  public init(
    _ checkpoint: TrainingCheckpoint, model: Model, optimizer settings: AdamW.Settings
  ) throws {
    var model = model
    try model.load(from: checkpoint.model)
    let moments = try checkpoint.optimizer.tensors.map {
      (name: $0.name, tensor: try checkpoint.optimizer.tensor(named: $0.name))
    }
    self.init(
      model: model, optimizer: try AdamW(settings, restoring: moments, for: model),
      state: try TrainingState(checkpoint.state))
  }
}
