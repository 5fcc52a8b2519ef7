// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers

/// A run between two steps: what a checkpoint holds.
public struct TrainingSnapshot<Model: Module>: Sendable {
  /// The model after the last step.
  public let model: Model
  /// The moments after the last step.
  public let optimizer: AdamW
  /// How far the run has come.
  public let state: TrainingState

  /// A snapshot of the given parts.
  public init(model: Model, optimizer: AdamW, state: TrainingState) {
    self.model = model
    self.optimizer = optimizer
    self.state = state
  }
}

/// What the caller of a run brings: how to judge a model, where to save it, when to stop, whom to tell.
public struct TrainingHooks<Model: Module> {
  /// Judges the model when an evaluation is due.
  public var evaluate: ((Model) throws -> Evaluation)?
  /// Saves a snapshot when a checkpoint is due; its numbers are finite.
  public var save: ((TrainingSnapshot<Model>, SaveReason) throws -> Void)?
  /// Asked before each step; true ends the run after saving.
  public var shouldStop: () -> Bool
  /// Told of everything that happens.
  public var observe: (TrainingEvent) -> Void

  /// Hooks; whatever is left out does nothing.
  public init(
    evaluate: ((Model) throws -> Evaluation)? = nil,
    save: ((TrainingSnapshot<Model>, SaveReason) throws -> Void)? = nil,
    shouldStop: @escaping () -> Bool = { false },
    observe: @escaping (TrainingEvent) -> Void = { _ in }
  ) {
    self.evaluate = evaluate
    self.save = save
    self.shouldStop = shouldStop
    self.observe = observe
  }
}
