// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats
public import AttuneModels
public import AttunePipelines
public import AttuneTraining

/// What a classifier's training came to.
public struct ClassifierReport: RunReport {
  /// How the training ended.
  public let outcome: TrainingOutcome
  /// What the outputs mean.
  public let task: ClassificationTask
  /// Names of the labels, by index.
  public let labels: [String]
  /// The best model on the validation texts.
  public let evaluation: TaskEvaluation
  /// A linear model of words on the same texts.
  public let yardstick: TaskEvaluation
  /// What is true of each validation text.
  public let truth: [ClassificationTarget]
  /// What decided which model is the best.
  public let score: EvaluationScore
  /// Where the training stands.
  public let state: TrainingState
  /// How much of the texts was read.
  public let reading: ReadingReport
  /// What makes the best model's probabilities mean what they say; nil where it gives numbers.
  public let calibration: TemperatureScaling?
  /// What it cost.
  public let cost: TrainingCost
  /// The run's folder.
  public let run: String
  /// How the model folders are laid out.
  public let layout: ClassifierLayout
  /// Which program opens them, for people.
  public let reader: String
}

/// How much of its texts a training read.
public struct ReadingReport: Sendable, Hashable {
  /// Of the texts that were learned from; of windows that are drawn anew in each epoch all count as read.
  public let training: TruncationReport
  /// Of the texts that the model was judged by.
  public let validation: TruncationReport

  /// The report as documents hold it.
  public var json: JSONValue { ["training": training.json, "validation": validation.json] }
}

/// What a training took; of a resumed one what was made since.
public struct TrainingCost: Sendable, Equatable {
  /// Wall time from the first look at the data to the written model.
  public let seconds: Double
  /// Wall time of the steps alone.
  public let stepSeconds: Double
  /// Steps made.
  public let stepCount: Int
  /// Tokens of these steps.
  public let tokenCount: Int
  /// The most memory that the process held, in MiB.
  public let peakMebibytes: Double

  /// Tokens over the time of the steps.
  public var tokensPerSecond: Double { stepSeconds > 0 ? Double(tokenCount) / stepSeconds : 0 }

  /// The cost as documents hold it.
  public var json: JSONValue {
    [
      "seconds": .number(seconds), "step_seconds": .number(stepSeconds),
      "steps": .integer(stepCount), "tokens": .integer(tokenCount),
      "tokens_per_second": .number(tokensPerSecond), "peak_mib": .number(peakMebibytes),
    ]
  }
}

/// Counts what a training takes.
final class CostMeter {
  private let start = ContinuousClock.now
  private var stepSeconds = 0.0
  private var stepCount = 0
  private var tokenCount = 0

  func count(_ event: TrainingEvent) {
    guard case .step(let report) = event else { return }
    stepSeconds += report.seconds
    stepCount += 1
    tokenCount += report.tokenCount
  }

  var cost: TrainingCost {
    TrainingCost(
      seconds: (ContinuousClock.now - start) / .seconds(1), stepSeconds: stepSeconds,
      stepCount: stepCount, tokenCount: tokenCount, peakMebibytes: PeakMemory.mebibytes)
  }
}

extension Double {
  /// Four digits after the point.
  var rounded4: String { fixed(4) }
}
