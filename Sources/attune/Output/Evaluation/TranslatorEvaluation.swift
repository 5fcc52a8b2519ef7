// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import AttunePipelines
import AttuneTensors
import AttuneTraining

/// What a translator makes of texts with known translations.
struct TranslatorEvaluation: ResultDocument {
  private let bleu: BLEU
  private let bleuScore: BLEUScore
  private let interval: BootstrapInterval
  /// chrF and chrF++.
  private let chrF: [(metric: ChrF, score: Double)]
  private let pairCount: Int
  private let tokenCount: Int
  private let seconds: Double

  /// The translations, in the order of the pairs.
  let translations: [Translation.Translated]

  /// Texts between two looks at the progress: enough batches of them that all threads are busy to the end.
  private static let textsAtOnce = 2_048

  /// Translates the sources of pairs and compares with their targets.
  init(
    of translation: Translation, on pairs: [TranslationPair], _ options: Translation.Options,
    tokenization: ScoringTokenization, ignoresCase: Bool, seed: UInt64, progress: TerminalProgress
  ) throws {
    let start = ContinuousClock.now
    var translations: [Translation.Translated] = []
    while translations.count < pairs.count {
      let part = pairs[translations.count..<min(pairs.count, translations.count + Self.textsAtOnce)]
      translations += translation.translate(part.map(\.source), options)
      progress.update(
        translations.count, "texts", share: Double(translations.count) / Double(pairs.count))
    }
    progress.clear()
    seconds = start.duration(to: .now) / .seconds(1)
    tokenCount = translations.reduce(0) { $0 + $1.hypotheses[0].tokenCount }
    pairCount = pairs.count
    self.translations = translations
    let bleu = BLEU(tokenization: tokenization, ignoresCase: ignoresCase)
    let statistics = zip(translations, pairs).map {
      bleu.statistics(of: $0.text, references: [$1.target])
    }
    func score(_ chosen: some Sequence<Int>) -> BLEUScore {
      var sum = bleu.noSegments
      for index in chosen { sum += statistics[index] }
      return bleu.score(of: sum)
    }
    self.bleu = bleu
    bleuScore = score(statistics.indices)
    interval = BootstrapInterval(count: pairs.count, key: RandomKey(seed: seed)) {
      score($0).value
    }
    chrF = [ChrF(ignoresCase: ignoresCase), ChrF(wordOrder: 2, ignoresCase: ignoresCase)].map {
      ($0, $0.score(of: translations.map(\.text), references: pairs.map { [$0.target] }))
    }
  }

  /// The document that `--json` prints.
  var json: JSONValue {
    var members: [(String, JSONValue)] = [
      ("task", "translation"), ("pairs", .integer(pairCount)),
      (
        "bleu",
        [
          "score": .number(bleuScore.value),
          "interval": [.number(interval.lower), .number(interval.upper)],
          "precisions": .array(bleuScore.precisions.map { .number($0) }),
          "brevity_penalty": .number(bleuScore.brevityPenalty),
          "hypothesis_length": .integer(bleuScore.hypothesisLength),
          "reference_length": .integer(bleuScore.referenceLength),
          "signature": .string(bleu.signature(referenceCount: 1)),
        ]
      ),
    ]
    for (metric, score) in chrF {
      members.append(
        (
          metric.wordOrder == 0 ? "chrf" : "chrf++",
          [
            "score": .number(score), "name": .string(metric.name),
            "signature": .string(metric.signature(referenceCount: 1)),
          ]
        ))
    }
    members.append(
      (
        "speed",
        [
          "seconds": .number(seconds), "tokens": .integer(tokenCount),
          "tokens_per_second": .number(rate),
        ]
      ))
    return .object(JSONObject(members))
  }

  /// The lines for people.
  var text: String {
    let lines =
      [bleu.line(bleuScore, referenceCount: 1)]
      + chrF.map { $0.metric.line($0.score, referenceCount: 1) }
    return lines.joined(separator: "\n") + "\n\n"
      + "95 % of 1,000 resamples: BLEU \(interval.lower.decimal(2)) to \(interval.upper.decimal(2))\n"
      + "\(pairCount.counted("pair", "pairs")), \(tokenCount.grouped) tokens in "
      + "\(seconds.decimal(1)) s: \(rate.decimal(0)) tokens/s\n"
  }

  private var rate: Double { seconds > 0 ? Double(tokenCount) / seconds : 0 }
}
