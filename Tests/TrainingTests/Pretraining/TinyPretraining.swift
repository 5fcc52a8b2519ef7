// SPDX-License-Identifier: Apache-2.0

import AttuneLayers
import AttuneModels
import AttuneTensors
import AttuneTraining

/// A corpus with a rule: each document counts up in steps of its own, of 0 or more, so that a hidden token follows from its
/// neighbours.
enum TinyPretraining {
  typealias Objective = MaskedTokenObjective<MaskedLanguageModel>

  /// Ids 0 to 4 are special, 4 is the mask; 5 ends a sentence.
  static let vocabularySize = 30
  static let configuration = EncoderConfiguration(
    vocabularySize: vocabularySize, layerCount: 1,
    layer: TransformerLayerSettings(
      modelDimension: 32, headCount: 2, feedForwardDimension: 64, dropout: 0,
      attentionDropout: 0),
    maximumLength: 24)

  static func corpus(documents: Int, seed: UInt64, stepCount: UInt32) -> TokenCorpus {
    var corpus = TokenCorpus(vocabularySize: vocabularySize)
    for document in 0..<documents {
      let key = RandomKey(seed: seed).place(UInt64(document))
      let (first, step) = (Int(key.word(at: 0) % 24), Int(key.word(at: 1) % stepCount))
      corpus.append((0..<14).map { Int32(6 + (first + $0 * step) % 24) })
    }
    return corpus
  }

  static func objective(
    documents: Int = 200, seed: UInt64 = 1, packing: CorpusPacking = .continuous,
    sentenceEnds: Set<Int32>? = nil, stepCount: UInt32 = 3
  ) -> Objective {
    Objective(
      PackedCorpus(
        corpus(documents: documents, seed: seed, stepCount: stepCount), packing: packing,
        windowLength: 18,
        classificationID: 2, separatorID: 3),
      TokenMasking(
        .init(), maskID: 4, isSpecial: (0..<vocabularySize).map { $0 < 5 },
        continuesWord: [Bool](repeating: false, count: vocabularySize)),
      sentenceEnds: sentenceEnds)
  }

  static func plan(steps: Int, ramp: BatchRamp? = nil) -> TrainingPlan {
    var plan = TrainingPlan(
      length: .steps(steps), batching: Batching(.shuffled(examples: 16), microBatchesPerStep: 3),
      schedule: LearningRateSchedule(peak: 5e-3, warmUp: .share(0.1)), seed: 4,
      evaluation: .never, checkpoint: .never)
    plan.ramp = ramp
    return plan
  }

  static func trainer(
    steps: Int, ramp: BatchRamp? = nil, packing: CorpusPacking = .continuous,
    stepCount: UInt32 = 3
  ) throws -> Trainer<Objective> {
    let objective = objective(packing: packing, stepCount: stepCount)
    return try Trainer(
      MaskedLanguageModel(configuration, key: RandomKey(seed: 2)), objective: objective,
      examples: objective.corpus.windows, plan: plan(steps: steps, ramp: ramp))
  }
}
