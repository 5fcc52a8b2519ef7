// SPDX-License-Identifier: Apache-2.0

public import AttuneLayers
internal import AttuneSystem
internal import AttuneTensors

/// How well hidden tokens are guessed.
public struct MaskedTokenEvaluation: Sendable, Equatable {
  /// Mean cross-entropy of a hidden token, in nats.
  public let loss: Double
  /// Share of the hidden tokens that got the highest score.
  public let accuracy: Double
  /// Mean cross-entropy of the same tokens for who knows nothing but how frequent each is in the training texts.
  public let frequencyLoss: Double
  /// Share of the pairs of texts that were told apart; nil without pairs.
  public let continuationAccuracy: Double?
  /// Hidden tokens.
  public let tokenCount: Int

  /// The exponential of the loss: among how many equally likely tokens the model wavers.
  public var perplexity: Double { exp(loss) }

  /// Whether the model knows more than how frequent tokens are.
  public var beatsFrequency: Bool { loss < frequencyLoss }

  /// What is shown and compared; the score is minus the loss.
  public var evaluation: Evaluation {
    var details: [Evaluation.Detail] = [
      .init("loss", loss), .init("perplexity", perplexity), .init("masked_accuracy", accuracy),
      .init("frequency_loss", frequencyLoss),
    ]
    if let continuationAccuracy {
      details.append(.init("next_sentence_accuracy", continuationAccuracy))
    }
    return Evaluation(score: -loss, details: details)
  }

  /// Judges a model by windows of the objective's corpus.
  ///
  /// - Parameter trainingCounts: How often each token stands in the training texts.
  public init<Model: MaskedTokenPredictor>(
    _ model: Model, _ objective: MaskedTokenObjective<Model>, on windows: [CorpusWindow],
    trainingCounts: [Int], batchTokens: Int = 4_096
  ) {
    let guess = FrequencyGuess(counts: trainingCounts)
    var (sum, frequencySum, hits, count) = (0.0, 0.0, 0, 0)
    var (pairHits, pairs) = (0, 0)
    let lengths = windows.map { objective.tokenCount(of: $0) }
    for indices in Batching(.tokenBudget(tokens: batchTokens))
      .steps(lengths: lengths, seed: 0, epoch: 0).joined()
    {
      let batch = objective.batch(indices.map { windows[$0] }, mode: .inference)
      let guesses = model.guesses(at: batch.rows, in: batch.tokens, mode: .inference)
      let table = model.outputTable
      // A few rows at a time: their scores are as many as the vocabulary.
      for first in stride(from: 0, to: batch.rows.count, by: Self.chunkRows) {
        let rows = first..<min(first + Self.chunkRows, batch.rows.count)
        let targets = Array(batch.targets[rows])
        let logits = guesses.states.rows(rows.map { Int32($0) })
          .linear(weight: table.weight, bias: table.bias)
        sum += logits.crossEntropy(CrossEntropyTargets(targets)).doubles[0]
        hits += logits.likeliestColumns.matchCount(targets)
      }
      frequencySum += batch.targets.reduce(0) { $0 + guess.loss(of: $1) }
      count += batch.targets.count
      if let truths = batch.continuations, let scores = guesses.continuation {
        pairHits += scores.likeliestColumns.matchCount(truths)
        pairs += truths.count
      }
    }
    let total = Double(max(count, 1))
    (loss, frequencyLoss, tokenCount) = (sum / total, frequencySum / total, count)
    accuracy = Double(hits) / total
    continuationAccuracy = pairs > 0 ? Double(pairHits) / Double(pairs) : nil
  }

  private static let chunkRows = 256
}

/// What is known of a token by how frequent it is: each counts once more than it was seen.
public struct FrequencyGuess: Sendable {
  private let counts: [Int]
  private let total: Double

  /// A guess by the counts of the vocabulary.
  public init(counts: [Int]) {
    self.counts = counts
    total = Double(counts.reduce(0, +) + counts.count)
  }

  /// The cross-entropy of a token, in nats.
  public func loss(of id: Int32) -> Double { log(total / Double(counts[Int(id)] + 1)) }
}

extension Tensor {
  /// For each row the first column of the highest value.
  fileprivate var likeliestColumns: [Int32] {
    let columns = columnCount
    return values.withUnsafeBufferPointer { values in
      (0..<rowCount).map { row in
        let start = row * columns
        var winner = 0
        for column in 0..<columns where values[start + column] > values[start + winner] {
          winner = column
        }
        return Int32(winner)
      }
    }
  }
}

extension [Int32] {
  /// How many places hold the same in both.
  fileprivate func matchCount(_ truths: [Int32]) -> Int { zip(self, truths).count { $0 == $1 } }
}
