// SPDX-License-Identifier: Apache-2.0

internal import AttuneDecoding
internal import AttuneLayers
internal import AttuneModels
internal import AttuneTensors
internal import AttuneTokenizers

/// A search for texts with all its settings: what translators and captioners share.
struct WritingSearch<Model: SequenceToSequence> {
  /// Sources that are searched for together.
  struct Batch {
    let source: Model.Source
    /// The number of each source, which decides what is drawn for it.
    let sentences: [UInt64]
  }

  private typealias Search = (
    _ writer: SequenceWriter<Model>, _ batch: Batch, _ prefixes: [[Int32]],
    _ onToken: (_ member: Int, _ token: Int32) -> Void
  ) -> [[Hypothesis]]

  let prefix: [Int32]
  let limits: DecodingLimits
  let ranking: HypothesisRanking
  /// Sources of a batch at most.
  let batchSize: Int
  private let writer: SequenceWriter<Model>
  private let prefersWholeBatches: Bool
  private let search: Search

  /// - Parameters:
  ///   - parameterCount: Trained numbers of the model.
  ///   - observes: Whether texts tell what they attend to.
  init(
    _ writer: SequenceWriter<Model>, _ vocabulary: WritingVocabulary, _ options: WritingOptions,
    parameterCount: Int, observes: Bool
  ) {
    let generation = vocabulary.generation
    limits = DecodingLimits(
      start: vocabulary.tokens.start, end: vocabulary.tokens.end,
      maximumLength: min(
        options.maximumLength ?? min(generation.maximumLength, 256), vocabulary.maximumLength),
      minimumLength: options.minimumLength)
    ranking = HypothesisRanking(
      length: options.length ?? .power(generation.lengthPenalty),
      coveragePenalty: options.coveragePenalty)
    prefix = vocabulary.ids(of: options.targetPrefix)
    let beamSize = options.beamSize ?? generation.beamWidth
    let width = max(beamSize, options.hypothesisCount)
    batchSize = options.sourcesAtOnce(width: options.sampling == nil ? width : 1)
    search = Self.search(
      options, width: width, limits, ranking, vocabulary.rules(options), observes)
    // Of a large model and few rows, threads that read the same weights together read them once.
    prefersWholeBatches = batchSize * max(beamSize, 1) >= 32 || 4 * parameterCount <= 32 << 20
    self.writer = writer
  }

  /// Returns what was found for the sources of a batch.
  func callAsFunction(
    _ batch: Batch, onToken: (_ member: Int, _ token: Int32) -> Void = { _, _ in }
  ) -> [[Hypothesis]] {
    search(writer, batch, prefix.isEmpty ? [] : batch.sentences.map { _ in prefix }, onToken)
  }

  /// Returns what was found for `count` batches, each on one thread where that is better.
  func callAsFunction(batches count: Int, _ batch: (Int) -> Batch) -> [[[Hypothesis]]] {
    prefersWholeBatches
      ? Parallel.map(count) { self(batch($0)) } : (0..<count).map { self(batch($0)) }
  }

  private static func search(
    _ options: WritingOptions, width: Int, _ limits: DecodingLimits, _ ranking: HypothesisRanking,
    _ rules: DecodingRules, _ observes: Bool
  ) -> Search {
    if let sampling = options.sampling {
      let search = SamplingSearch(
        sampling: sampling, seed: options.seed, ranking: ranking, rules: rules, limits: limits,
        returnsAttention: observes)
      let count = options.hypothesisCount
      return { writer, batch, prefixes, onToken in
        let draws = (0..<count).map { draw in
          search(
            writer, batch.source, sentences: batch.sentences, draw: UInt64(draw),
            prefixes: prefixes, onToken: onToken)
        }
        return batch.sentences.indices.map { member in
          draws.map { $0[member] }.sorted { $0.score > $1.score }
        }
      }
    }
    guard width > 1 else {
      let search = GreedySearch(
        ranking: ranking, rules: rules, limits: limits, returnsAttention: observes,
        returnsScores: options.returnsScores)
      return { writer, batch, prefixes, onToken in
        search(writer, batch.source, prefixes: prefixes, onToken: onToken).map { [$0] }
      }
    }
    let search = BeamSearch(
      width: width, hypothesisCount: options.hypothesisCount, ranking: ranking,
      stopping: options.stopping, rules: rules, limits: limits, returnsAttention: observes)
    return { writer, batch, prefixes, _ in search(writer, batch.source, prefixes: prefixes) }
  }
}

extension WritingVocabulary {
  fileprivate func rules(_ options: WritingOptions) -> DecodingRules {
    var suppressed = Set(generation.forbidden)
    if options.disablesUnknown { suppressed.insert(tokenizer.unknownID) }
    // Rows of the table that no token has.
    let spare = tokenizer.vocabulary.count..<entryCount
    suppressed.formUnion(spare.map { Int32($0) })
    suppressed.remove(tokens.end)
    return DecodingRules(
      repetitionPenalty: options.repetitionPenalty, noRepeatNGramSize: options.noRepeatNGramSize,
      suppressed: suppressed.sorted().map { [$0] } + options.suppressed.map(ids(of:)),
      prefixBias: options.prefixBias)
  }
}
