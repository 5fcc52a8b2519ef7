// SPDX-License-Identifier: Apache-2.0

internal import AttuneDecoding
internal import AttuneLayers
internal import AttuneModels
internal import AttuneSystem
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// Judges captioners by vectors that they have not learned from.
struct CaptionerJudge {
  let vectors: VectorTable
  /// The captions of each vector.
  let references: [[String]]
  /// Each caption with the place of its vector.
  let pairs: [SequencePair<Int>]
  let tokenizer: LanguageTokenizer
  let tokens: TranslatorTokens
  /// Most tokens that are written.
  let maximumLength: Int
  let score: CaptionerSettings.Score

  /// Vectors that captions are written for together.
  private static let batchSize = 64

  /// Loss and perplexity, and where asked for the scores of greedy captions.
  func evaluation(of model: VectorCaptioner, writes: Bool) -> Evaluation {
    let objective = CaptionerTraining.CaptionObjective(startToken: tokens.start) {
      vectors.items($0)
    }
    let loss = objective.meanLoss(of: model, on: pairs)
    var evaluation = Evaluation(
      score: -loss, details: [.init("loss", loss), .init("perplexity", exp(loss))])
    guard writes else { return evaluation }
    let scores = CaptionMetrics().evaluate(captions(by: model), references: references).scores
    let bleu = 100 * (scores.bleu.last ?? 0)
    evaluation.details += [.init("bleu_4", bleu), .init("cider", scores.cider)]
    switch score {
    case .loss: break
    case .bleu: evaluation.score = bleu
    case .cider: evaluation.score = scores.cider
    }
    return evaluation
  }

  /// Greedy captions, in the order of the vectors.
  private func captions(by model: VectorCaptioner) -> [String] {
    let search = GreedySearch(
      limits: DecodingLimits(
        start: tokens.start, end: tokens.end, maximumLength: maximumLength))
    let starts = Array(stride(from: 0, to: references.count, by: Self.batchSize))
    let writer = SequenceWriter(model)
    return Parallel.map(starts.count) { place in
      let rows = starts[place]..<min(starts[place] + Self.batchSize, references.count)
      return search(writer, vectors.items(Array(rows))).map { tokenizer.decode($0.tokens) }
    }.flatMap { $0 }
  }
}
