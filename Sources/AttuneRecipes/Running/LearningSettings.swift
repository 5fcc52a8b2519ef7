// SPDX-License-Identifier: Apache-2.0

public import AttuneTensors
public import AttuneTraining

/// The settings that every training by steps has; whatever is nil is chosen for the user.
public protocol LearningSettings: RecipeSettings {
  /// Passes over the data.
  var epochs: Int? { get set }
  /// Steps of the whole run; then the number of epochs does not count.
  var maximumSteps: Int? { get set }
  /// Batches whose gradients one step sums.
  var accumulation: Int? { get set }
  /// Highest learning rate.
  var learningRate: Double? { get set }
  /// How the learning rate falls after it has risen.
  var decay: LearningRateSchedule.Decay? { get set }
  /// Decay of the weights.
  var weightDecay: Double? { get set }
  /// Bound of the gradient's norm; 0: none.
  var clip: Double? { get set }
  /// Dropout of states.
  var dropout: Float? { get set }
  /// Dropout of attention.
  var attentionDropout: Float? { get set }
  /// Evaluations without a better score after which training ends; 0: it never ends early.
  var patience: Int? { get set }
  /// Seed of all that is drawn.
  var seed: UInt64? { get set }
  /// What products are computed in; weights and sums stay Float32.
  var precision: ProductPrecision? { get set }
}

extension LearningSettings {
  /// Throws for the first of these settings that no training can use.
  func checkLearning() throws(SettingError) {
    try SettingError.require([
      ("--epochs", epochs, 1...1_000_000), ("--max-steps", maximumSteps, 1...1_000_000_000),
      ("--accumulate", accumulation, 1...100_000), ("--patience", patience, 0...1_000_000_000),
    ])
    try SettingError.require(
      learningRate.map { $0 > 0 && $0 < 10 } ?? true, "--learning-rate", learningRate,
      "a small positive number")
    try SettingError.require(
      seed.map { $0 <= UInt64(Int.max) } ?? true, "--seed", seed,
      "0 to \(Int.max), the whole numbers that the run's file can hold")
    try SettingError.requireRates([
      ("--dropout", dropout), ("--attention-dropout", attentionDropout),
    ])
    for (name, value) in [("--weight-decay", weightDecay), ("--clip", clip)] {
      try SettingError.require(
        value.map { $0 >= 0 && $0.isFinite } ?? true, name, value, "0 or more")
    }
  }
}
