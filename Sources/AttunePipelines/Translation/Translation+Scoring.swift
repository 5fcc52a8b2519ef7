// SPDX-License-Identifier: Apache-2.0

internal import AttuneDecoding
internal import AttuneLayers
internal import AttuneModels
internal import AttuneTensors
internal import AttuneTokenizers

extension Translation {
  /// How probable the model finds a given translation.
  public struct ReferenceScore: Sendable, Equatable {
    /// What translations are ranked by.
    public let score: Double
    /// The tokens of the translation, the end last.
    public let tokens: [String]
    /// The log-probability of each token.
    public let logProbabilities: [Double]
    /// What the tokens attend to, when that was asked for.
    public let alignment: Alignment?

    /// The log-probability of the whole translation.
    public var logProbability: Double { logProbabilities.reduce(0, +) }
  }

  /// Returns how probable given translations of texts are, in their order.
  public func scores(
    of references: [String], for texts: [String], _ options: Options = Options()
  ) -> [ReferenceScore] {
    precondition(
      references.count == texts.count, "\(references.count) references for \(texts.count) texts")
    let plan = plan(options)
    let encodings = sources(of: texts, options)
    let targets = references.map { vocabulary.ids(of: $0) }
    var results = [ReferenceScore?](repeating: nil, count: texts.count)
    for members in batches(of: encodings, Array(texts.indices), size: plan.batchSize) {
      let source = TokenBatch(members.map { encodings[$0].ids })
      let batch = members.map { targets[$0] }
      let found = writer.logProbabilities(of: batch, source, limits: plan.limits)
      let attention =
        options.returnsAlignment
        ? writer.attention(of: batch, source, limits: plan.limits) : nil
      for (place, member) in members.enumerated() {
        let tokens = vocabulary.tokens(of: batch[place], isFinished: true)
        results[member] = ReferenceScore(
          score: plan.ranking.score(ofSum: found[place].reduce(0, +), length: tokens.count),
          tokens: tokens, logProbabilities: found[place],
          alignment: attention.map { weights in
            Alignment(
              sourceTokens: encodings[member].ids.map { tokenizers.source.token(of: $0) ?? "" },
              targetTokens: tokens, weights: weights[place])
          })
      }
    }
    return results.compactMap { $0 }
  }
}
