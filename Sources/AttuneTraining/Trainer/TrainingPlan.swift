// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors

/// How long and how a model is trained.
public struct TrainingPlan: Sendable, Hashable {
  /// How long a run is.
  public enum Length: Sendable, Hashable {
    /// So many times through the examples.
    case epochs(Int)
    /// So many steps.
    case steps(Int)
  }

  /// When something is due; it is always due after the last step too, except for `never`.
  public enum Interval: Sendable, Hashable {
    /// Not at all.
    case never
    /// After the last step of each epoch.
    case everyEpoch
    /// After every so many steps.
    case steps(Int)
  }

  /// How long the run is.
  public var length: Length
  /// How examples are dealt to steps.
  public var batching: Batching
  /// How the micro-batches of a step grow in number, in a run of so many steps; nil: they do not.
  public var ramp: BatchRamp?
  /// The learning rate of each step.
  public var schedule: LearningRateSchedule
  /// Gradients are scaled down to this norm; nil: never.
  public var gradientNormBound: Double?
  /// Everything random follows from it.
  public var seed: UInt64
  /// When the model is judged.
  public var evaluation: Interval
  /// When a snapshot is saved; the best and an interrupted one always are.
  public var checkpoint: Interval
  /// Evaluations without a better score after which the run ends; nil: it never ends early.
  public var patience: Int?
  /// What the factors of the products of linear maps are rounded to, those of derivatives too; weights, gradients, sums and the
  /// optimizer's moments stay Float32.
  public var precision: ProductPrecision

  /// A plan; the defaults are those of fine-tuning a classifier.
  public init(
    length: Length, batching: Batching, schedule: LearningRateSchedule,
    gradientNormBound: Double? = 1, seed: UInt64 = 0, evaluation: Interval = .everyEpoch,
    checkpoint: Interval = .everyEpoch, patience: Int? = nil,
    precision: ProductPrecision = .float32
  ) {
    self.length = length
    self.batching = batching
    self.schedule = schedule
    self.gradientNormBound = gradientNormBound
    self.seed = seed
    self.evaluation = evaluation
    self.checkpoint = checkpoint
    self.patience = patience
    self.precision = precision
  }

  /// Steps of the whole run.
  public func totalSteps(stepsPerEpoch: Int) -> Int {
    switch length {
    case .epochs(let count): count * stepsPerEpoch
    case .steps(let count): count
    }
  }

  /// What a gradient of this norm is multiplied by.
  func clippingFactor(forNorm norm: Double) -> Double {
    guard let gradientNormBound, norm > gradientNormBound else { return 1 }
    return gradientNormBound / norm
  }
}
