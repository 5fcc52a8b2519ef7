// SPDX-License-Identifier: Apache-2.0

import AttuneData
import AttuneFormats
import AttunePipelines
import AttuneRecipes
import AttuneTensors
import AttuneTraining

/// What a captioner makes of vectors with known captions, beside what copying the caption of the nearest training vector makes.
struct CaptionerEvaluation: ResultDocument {
  /// Scores of texts: in percent, but for CIDEr-D, which reaches from 0 to 10.
  private struct Scores {
    let evaluation: CaptionEvaluation
    let agreement: CaptionAgreement

    init(_ captions: [String], _ references: [[String]], _ tokenization: CaptionTokenization) {
      evaluation = CaptionMetrics(tokenization: tokenization)
        .evaluate(captions, references: references)
      agreement = CaptionAgreement(
        captions, references: references, tokenization: tokenization)
    }

    /// Key, name and value of each.
    var values: [(key: String, name: String, value: Double)] {
      let scores = evaluation.scores
      return scores.bleu.enumerated().map { ("bleu_\($0 + 1)", "BLEU-\($0 + 1)", 100 * $1) } + [
        ("rouge_l", "ROUGE-L", 100 * scores.rougeL), ("cider", "CIDEr-D", scores.cider),
        ("word_f1", "F1 of words", 100 * agreement.wordF1),
        ("exact", "exact", 100 * agreement.exactShare),
      ]
    }

    var json: JSONValue {
      .object(JSONObject(values.map { ($0.key, .number($0.value)) }))
    }
  }

  /// The captions, in the order of the vectors that have references.
  let captions: [VectorToText.Captioned]
  private let scores: Scores
  /// Of the captions of the nearest training vectors; nil where these are not at hand.
  private let nearest: Scores?
  private let interval: BootstrapInterval
  private let referenceCount: Int
  private let tokenCount: Int
  private let seconds: Double
  private let tokenization: CaptionTokenization

  /// Writes captions and compares them with the references.
  init(
    of captioner: VectorToText, on data: CaptionedVectors, training: CaptionedVectors?,
    _ options: VectorToText.Options, tokenization: CaptionTokenization, seed: UInt64,
    progress: TerminalProgress
  ) throws {
    let rows = data.captionedRows
    let start = ContinuousClock.now
    var captions: [VectorToText.Captioned] = []
    while captions.count < rows.count {
      let part = Array(rows[captions.count..<min(rows.count, captions.count + 512)])
      captions += try captioner.captions(for: data.vectors, rows: part, options)
      progress.update(
        captions.count, "vectors", share: Double(captions.count) / Double(rows.count))
    }
    progress.clear()
    seconds = start.duration(to: .now) / .seconds(1)
    tokenCount = captions.reduce(0) { $0 + $1.hypotheses[0].tokenCount }
    (self.captions, self.tokenization) = (captions, tokenization)
    let references = rows.map { data.captions[$0] }
    referenceCount = references.reduce(0) { $0 + $1.count }
    let scores = Scores(captions.map(\.text), references, tokenization)
    self.scores = scores
    nearest = try training.map { training in
      let found = try NearestCaption.find(for: data.vectors, items: rows, in: training)
      return Scores(found.map(\.caption), references, tokenization)
    }
    interval = BootstrapInterval(count: rows.count, key: RandomKey(seed: seed)) { chosen in
      let all = chosen.map { scores.evaluation.captions[$0].cider }
      return all.reduce(0, +) / Double(max(all.count, 1))
    }
  }

  /// The document that `--json` prints.
  var json: JSONValue {
    [
      "task": "captioning", "vectors": .integer(captions.count),
      "captions": .integer(referenceCount), "words": .string(tokenization.rawValue),
      "scores": scores.json,
      "cider_interval": [.number(interval.lower), .number(interval.upper)],
      "nearest_training_vector": nearest?.json ?? .null,
      "speed": [
        "seconds": .number(seconds), "tokens": .integer(tokenCount),
        "tokens_per_second": .number(rate),
      ],
    ]
  }

  /// The lines for people.
  var text: String {
    var table = TextTable(.left, .right)
    table.append(["", "captioner"] + (nearest == nil ? [] : ["nearest training vector"]))
    for (place, score) in scores.values.enumerated() {
      let copied = nearest.map { [$0.values[place].value.decimal(2)] } ?? []
      table.append([score.name, score.value.decimal(2)] + copied)
    }
    return table.text + "\n"
      + "95 % of 1,000 resamples: CIDEr-D \(interval.lower.decimal(2)) to \(interval.upper.decimal(2))\n"
      + "\(captions.count.counted("vector", "vectors")), \(referenceCount.grouped) captions; "
      + "\(tokenCount.grouped) tokens in \(seconds.decimal(1)) s: \(rate.decimal(0)) tokens/s\n"
  }

  private var rate: Double { seconds > 0 ? Double(tokenCount) / seconds : 0 }
}
