// SPDX-License-Identifier: Apache-2.0

internal import AttuneDecoding
internal import AttuneLayers
internal import AttuneModels
internal import AttuneSystem
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// Judges translators by pairs that they have not learned from.
struct TranslatorJudge {
  let pairs: [SequencePair<[Int32]>]
  let references: [String]
  let tokenizer: LanguageTokenizer
  let tokens: TranslatorTokens
  let score: TranslatorSettings.Score

  /// Source tokens that are worked on together.
  private static let tokenBudget = 4_096

  /// Loss and perplexity, and where asked for the BLEU of greedy translations.
  func evaluation(of model: TransformerTranslator, translates: Bool) -> Evaluation {
    let loss = loss(of: model)
    var evaluation = Evaluation(
      score: -loss, details: [.init("loss", loss), .init("perplexity", exp(loss))])
    guard translates else { return evaluation }
    let bleu = BLEU().score(of: translations(by: model), references: references.map { [$0] })
    evaluation.details.append(.init("bleu", bleu.value))
    if score == .bleu { evaluation.score = bleu.value }
    return evaluation
  }

  private func loss(of model: TransformerTranslator) -> Double {
    let objective = NextTokenObjective<TransformerTranslator, [Int32]>(startToken: tokens.start)
    return objective.meanLoss(of: model, on: pairs, budget: Self.tokenBudget)
  }

  /// Greedy translations, in the order of the pairs.
  private func translations(by model: TransformerTranslator) -> [String] {
    var texts = [String](repeating: "", count: pairs.count)
    for batch in Batching.inOrder(of: pairs.map(\.source.count), budget: Self.tokenBudget) {
      let sources = batch.map { pairs[$0].source }
      let longest = sources.map(\.count).max() ?? 0
      let search = GreedySearch(
        limits: DecodingLimits(
          start: tokens.start, end: tokens.end, maximumLength: 2 * longest + 10))
      for (place, hypothesis) in zip(batch, search(model, TokenBatch(sources))) {
        texts[place] = tokenizer.decode(hypothesis.tokens)
      }
    }
    return texts
  }
}
