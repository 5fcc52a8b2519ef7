// SPDX-License-Identifier: Apache-2.0

/// What happens while a model is trained; progress lines, logs and tables are made of these.
public enum TrainingEvent: Sendable {
  /// A step was made.
  case step(StepReport)
  /// The model was judged after a step.
  case evaluation(Evaluation, step: Int, isBest: Bool)
  /// A snapshot was saved.
  case checkpoint(SaveReason, step: Int)
  /// Something that the user should know.
  case warning(String)
  /// The run is over.
  case finished(TrainingOutcome)
}

/// What one step did.
public struct StepReport: Sendable, Equatable {
  /// The step, counted from 1.
  public let step: Int
  /// Steps of the whole run.
  public let totalSteps: Int
  /// The epoch it belongs to, counted from 0.
  public let epoch: Int
  /// Mean over the examples or tokens of the step.
  public let loss: Double
  /// Norm of the gradient before it was clipped.
  public let gradientNorm: Double
  /// The rate of this step.
  public let learningRate: Double
  /// Tokens of all its micro-batches.
  public let tokenCount: Int
  /// Wall time.
  public let seconds: Double

  /// Tokens over wall time.
  public var tokensPerSecond: Double { seconds > 0 ? Double(tokenCount) / seconds : 0 }
}

/// How good a model is, by the caller's measure.
public struct Evaluation: Sendable, Equatable {
  /// What is compared; higher is better.
  public var score: Double
  /// Further numbers by name, in the order to be shown.
  public var details: [Detail]
  /// What the user should know, such as a model that gives every text the same label.
  public var warnings: [String]

  /// A number and its name.
  public struct Detail: Sendable, Equatable {
    /// What is measured.
    public let name: String
    /// The measure.
    public let value: Double

    /// A number of the given name.
    public init(_ name: String, _ value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// An evaluation of the given score.
  public init(score: Double, details: [Detail] = [], warnings: [String] = []) {
    self.score = score
    self.details = details
    self.warnings = warnings
  }
}

/// Why a checkpoint is written.
public enum SaveReason: String, Sendable, Hashable {
  /// It is due.
  case interval
  /// The score is the best so far.
  case best
  /// The run is asked to stop.
  case interrupted
  /// The run is over, and its last score is not the best.
  case finished
}

/// How a run ended.
public enum TrainingOutcome: Sendable, Equatable {
  /// Every step was made.
  case completed
  /// The score did not improve for as many evaluations as the plan has patience for.
  case stoppedEarly
  /// It was asked to stop and can be resumed.
  case interrupted
}
