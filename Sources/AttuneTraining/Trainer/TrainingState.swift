// SPDX-License-Identifier: Apache-2.0

internal import AttuneCheckpoints
public import AttuneFormats

/// Where a run stands; with the model and the optimizer, all that is needed to go on.
public struct TrainingState: Sendable, Equatable {
  /// Steps made.
  public internal(set) var step = 0
  /// Epochs completed.
  public internal(set) var epoch = 0
  /// Steps made in this epoch.
  public internal(set) var position = 0
  /// Tokens read.
  public internal(set) var tokenCount = 0
  /// Best score so far.
  public internal(set) var bestScore: Double?
  /// The step of the best score.
  public internal(set) var bestStep: Int?
  /// Evaluations since the best one.
  public internal(set) var evaluationsWithoutGain = 0
  /// What the run's batches follow from: equal for the same examples, batching and seed.
  public let origin: String

  init(origin: String) { self.origin = origin }

  mutating func advance(stepsInEpoch: Int, tokenCount: Int) {
    step += 1
    position += 1
    self.tokenCount += tokenCount
    if position == stepsInEpoch { (epoch, position) = (epoch + 1, 0) }
  }

  /// Notes the score of an evaluation; returns whether it is the best so far.
  mutating func record(score: Double) -> Bool {
    guard score > bestScore ?? -.infinity else {
      evaluationsWithoutGain += 1
      return false
    }
    (bestScore, bestStep, evaluationsWithoutGain) = (score, step, 0)
    return true
  }
}

extension TrainingState {
  /// The state as it is saved.
  public var json: JSONValue {
    [
      "step": .integer(step), "epoch": .integer(epoch), "position": .integer(position),
      "token_count": .integer(tokenCount),
      "best_score": bestScore.map { .exactly($0) } ?? .null,
      "best_step": bestStep.map { .integer($0) } ?? .null,
      "evaluations_without_gain": .integer(evaluationsWithoutGain),
      "origin": .string(origin),
    ]
  }

  /// The state that `json` gave.
  public init(_ json: some JSONReadable) throws(JSONFieldError) {
    origin = try json.string(at: "origin")
    step = try json.integer(at: "step", in: 0...(.max))
    epoch = try json.integer(at: "epoch", in: 0...(.max))
    position = try json.integer(at: "position", in: 0...(.max))
    tokenCount = try json.integer(at: "token_count", in: 0...(.max))
    bestScore = try json.has("best_score") ? json.exactDouble(at: "best_score") : nil
    bestStep = try json.optionalInteger(at: "best_step")
    evaluationsWithoutGain = try json.integer(at: "evaluations_without_gain", in: 0...(.max))
  }
}
