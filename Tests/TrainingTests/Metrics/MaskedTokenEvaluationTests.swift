// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneTensors
import AttuneTraining
import Foundation
import Testing

/// Gives every hidden token the same scores.
private struct ConstantPredictor: MaskedTokenPredictor {
  var bias: Tensor

  func guesses(at rows: [Int32], in tokens: TokenBatch, mode: Mode) -> MaskedTokenGuesses {
    MaskedTokenGuesses(states: .zeros([rows.count, 2]))
  }

  var outputTable: OutputTable { OutputTable(weight: .zeros([bias.count, 2]), bias: bias) }

  mutating func visitParameters(_ visit: ParameterVisitor) { visit("bias", &bias) }
}

@Suite("Scores of guessed tokens")
struct MaskedTokenEvaluationTests {
  @Test("Loss, accuracy and perplexity of constant scores follow from the counts")
  func constantScores() {
    // Twice as many of token 5 as of token 6, in windows of one document each.
    var corpus = TokenCorpus(vocabularySize: 8)
    for _ in 0..<60 { corpus.append([5, 5, 6]) }
    let objective = MaskedTokenObjective<ConstantPredictor>(
      PackedCorpus(
        corpus, packing: .documents, windowLength: 8, classificationID: 2, separatorID: 3),
      TokenMasking(
        .init(rate: 1), maskID: 4, isSpecial: (0..<8).map { $0 < 5 },
        continuesWord: [Bool](repeating: false, count: 8)))
    let shares: [Float] = [0.01, 0.01, 0.01, 0.01, 0.01, 0.6, 0.3, 0.05]
    let model = ConstantPredictor(bias: Tensor(shares.map { log($0) }))
    let found = MaskedTokenEvaluation(
      model, objective, on: objective.corpus.windows, trainingCounts: corpus.counts)
    #expect(found.tokenCount == 180)
    #expect(abs(found.loss + (2 * log(0.6) + log(0.3)) / 3) < 1e-6)
    #expect(abs(found.accuracy - 2.0 / 3) < 1e-12)
    #expect(abs(found.perplexity - exp(found.loss)) < 1e-12)
    // Each token of the vocabulary counts once more than it was seen.
    let expected = -(2 * log(121.0 / 188) + log(61.0 / 188)) / 3
    #expect(abs(found.frequencyLoss - expected) < 1e-12)
    #expect(!found.beatsFrequency && found.evaluation.score == -found.loss)
    #expect(found.continuationAccuracy == nil)
  }
}
