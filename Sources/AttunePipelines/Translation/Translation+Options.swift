// SPDX-License-Identifier: Apache-2.0

public import AttuneDecoding
internal import AttuneLayers
internal import AttuneModels
internal import AttuneTokenizers

extension Translation {
  /// How a translation is looked for; what is nil is as the model's folder says. Names and defaults are those of CTranslate2.
  public struct Options: Sendable, Hashable {
    /// Beginnings that are kept; 1: greedy search.
    public var beamSize: Int?
    /// Translations of each text, best first.
    public var hypothesisCount = 1
    /// How translations of different lengths are compared; nil: log-probability / length^p with the folder's p.
    public var length: HypothesisRanking.Length?
    /// How much it costs to leave parts of the source aside (Wu et al. 2016, equation 14).
    public var coveragePenalty = 0.0
    /// When a beam search ends.
    public var stopping = StoppingRule.finished(patience: 1)
    /// Log-probabilities of tokens that were written already are multiplied by this.
    public var repetitionPenalty = 1.0
    /// No run of so many tokens is written twice; 0: no rule.
    public var noRepeatNGramSize = 0
    /// Most tokens of a translation, the end included; nil: 256, or what the folder says where it is less.
    public var maximumLength: Int?
    /// Tokens before the end may be written.
    public var minimumLength = 1
    /// Most tokens of a source that are read.
    public var maximumSourceLength = 1024
    /// Texts that are never written.
    public var suppressed: [String] = []
    /// Whether the unknown token is never written.
    public var disablesUnknown = false
    /// Whether an unknown token becomes the source token that it attends to most.
    public var replacesUnknown = false
    /// What every translation begins with.
    public var targetPrefix = ""
    /// How strongly the prefix is preferred, in 0..<1; 0: it is forced.
    public var prefixBias = 0.0
    /// From what tokens are drawn; nil: the best are taken.
    public var sampling: TokenSampling?
    /// Of all draws.
    public var seed: UInt64 = 0
    /// Whether translations tell what they attend to.
    public var returnsAlignment = false
    /// Texts that are worked on together: a matter of speed and memory alone.
    public var batchSize = 64

    /// Everything as the model's folder says.
    public init() {}
  }

  /// Texts that are searched for together.
  struct Batch {
    let tokens: TokenBatch
    let sentences: [UInt64]
    let prefix: [Int32]
  }

  /// A search with all its settings.
  struct Plan {
    typealias Search = (
      _ writer: SequenceWriter<TransformerTranslator>, _ batch: Batch,
      _ onToken: (_ member: Int, _ token: Int32) -> Void
    ) -> [[Hypothesis]]

    let prefix: [Int32]
    let limits: DecodingLimits
    let ranking: HypothesisRanking
    let search: Search
  }

  /// Prepares a search.
  func plan(_ options: Options) -> Plan {
    let limits = DecodingLimits(
      start: configuration.tokens.start, end: configuration.tokens.end,
      maximumLength: min(
        options.maximumLength ?? min(generation.maximumLength, 256), configuration.maximumLength),
      minimumLength: options.minimumLength)
    let ranking = HypothesisRanking(
      length: options.length ?? .power(generation.lengthPenalty),
      coveragePenalty: options.coveragePenalty)
    let prefix = ids(ofTarget: options.targetPrefix)
    return Plan(
      prefix: prefix, limits: limits, ranking: ranking,
      search: search(options, limits, ranking, rules(options)))
  }

  private func search(
    _ options: Options, _ limits: DecodingLimits, _ ranking: HypothesisRanking,
    _ rules: DecodingRules
  ) -> Plan.Search {
    let observes = options.returnsAlignment || options.replacesUnknown
    if let sampling = options.sampling {
      let search = SamplingSearch(
        sampling: sampling, seed: options.seed, ranking: ranking, rules: rules, limits: limits,
        returnsAttention: observes)
      return { writer, batch, onToken in
        let draws = (0..<options.hypothesisCount).map { draw in
          search(
            writer, batch.tokens, sentences: batch.sentences, draw: UInt64(draw),
            prefixes: batch.prefixes, onToken: onToken)
        }
        return batch.sentences.indices.map { member in
          draws.map { $0[member] }.sorted { $0.score > $1.score }
        }
      }
    }
    let width = max(options.beamSize ?? generation.beamWidth, options.hypothesisCount)
    guard width > 1 else {
      let search = GreedySearch(
        ranking: ranking, rules: rules, limits: limits, returnsAttention: observes)
      return { writer, batch, onToken in
        search(writer, batch.tokens, prefixes: batch.prefixes, onToken: onToken).map { [$0] }
      }
    }
    let search = BeamSearch(
      width: width, hypothesisCount: options.hypothesisCount, ranking: ranking,
      stopping: options.stopping, rules: rules, limits: limits, returnsAttention: observes)
    return { writer, batch, _ in search(writer, batch.tokens, prefixes: batch.prefixes) }
  }

  private func rules(_ options: Options) -> DecodingRules {
    var suppressed = Set(generation.forbidden)
    if options.disablesUnknown { suppressed.insert(tokenizers.target.unknownID) }
    // Rows of the table that no token has.
    let spare = tokenizers.vocabulary.count..<configuration.vocabularySize
    suppressed.formUnion(spare.map { Int32($0) })
    suppressed.remove(configuration.tokens.end)
    return DecodingRules(
      repetitionPenalty: options.repetitionPenalty, noRepeatNGramSize: options.noRepeatNGramSize,
      suppressed: suppressed.sorted().map { [$0] } + options.suppressed.map(ids(ofTarget:)),
      prefixBias: options.prefixBias)
  }

  /// The tokens of a text of the target language, without the end.
  func ids(ofTarget text: String) -> [Int32] {
    text.isEmpty ? [] : tokenizers.target.encodeIDs(text).dropLast()
  }
}

extension Translation.Batch {
  fileprivate var prefixes: [[Int32]] {
    prefix.isEmpty ? [] : sentences.map { _ in prefix }
  }
}
