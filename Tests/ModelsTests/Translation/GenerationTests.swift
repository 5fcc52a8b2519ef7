// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneDecoding
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttuneTensors
import Foundation
import TestSupport
import Testing

@Suite("Writing as transformers' generate does")
struct GenerationTests {
  private let golden: JSONField
  private let model: TransformerTranslator
  private let sources: [[Int32]]
  private let end: Int32
  private let padding: Int32

  init() throws {
    golden = try InputFile.json(of: Golden.path("Decoding/Generation/generation.json"))
    let folder = try TranslatorFolder(ModelFolder(Golden.path("Decoding/Generation")))
    model = folder.model
    sources = try golden.fields(at: "sources").map { try $0.integers().map { Int32($0) } }
    end = Int32(try golden.integer(at: "end"))
    padding = Int32(try golden.integer(at: "padding"))
  }

  @Test("Greedy and beam search write the same tokens with the same scores, whatever the settings")
  func sameTokens() throws {
    for setting in try golden.fields(at: "cases") {
      let found = try hypotheses(setting.field(at: "settings"))
      for (source, expected) in try setting.fields(at: "outputs").enumerated() {
        let rows = try expected.fields()
        let tokens = try rows.map { try $0.integers(at: "tokens").map { Int32($0) } }
        let written = found[source].map { $0.tokens + ($0.isFinished ? [end] : []) }
        let comment = Comment("\(try setting.field(at: "settings").value as Any), source \(source)")
        #expect(written == tokens, comment)
        let scores = try rows.map { try $0.double(at: "score") }
        #expect(
          zip(found[source], scores).allSatisfy { abs($0.score - $1) < 1e-4 * max(1, abs($1)) },
          "\(found[source].map(\.score)), expected \(scores): \(comment)")
      }
    }
  }

  @Test("Given targets have the log-probabilities and the attention that transformers computes")
  func givenTargets() throws {
    let given = try golden.fields(at: "given")
    let targets = try given.map { try $0.integers(at: "target").map { Int32($0) } }
    let limits = DecodingLimits(start: padding, end: end, maximumLength: 99)
    let writer = SequenceWriter(model)
    let found = writer.logProbabilities(of: targets, TokenBatch(sources), limits: limits)
    let attention = try #require(
      writer.attention(of: targets, TokenBatch(sources), limits: limits))
    for (index, expected) in given.enumerated() {
      #expect(
        relativeDistance(found[index], try expected.doubles(at: "log_probabilities")) < 1e-5)
      for (row, weights) in try expected.fields(at: "attention").enumerated() {
        let computed = attention[index][row].map { Double($0) }
        #expect(relativeDistance(computed, try weights.doubles()) < 1e-5)
      }
    }
  }

  @Test("A search tells what each token attended to when it was written")
  func attentionOfSearches() throws {
    let limits = DecodingLimits(start: padding, end: end, maximumLength: 12)
    let writer = SequenceWriter(model)
    let batch = TokenBatch(sources)
    let beam = BeamSearch(width: 3, limits: limits, returnsAttention: true)(writer, batch)
    let greedy = GreedySearch(limits: limits, returnsAttention: true)(writer, batch)
    for (source, hypothesis) in (beam.map { $0[0] } + greedy).enumerated() {
      let source = source % sources.count
      let taught = writer.attention(
        of: [hypothesis.tokens], TokenBatch([sources[source]]), limits: limits)
      let count = hypothesis.tokens.count + (hypothesis.isFinished ? 1 : 0)
      let found = try #require(hypothesis.attention).flatMap { $0.map { Double($0) } }
      let expected = try #require(taught)[0].prefix(count).flatMap { $0.map { Double($0) } }
      #expect(relativeDistance(found, expected) < 1e-5)
    }
  }

  @Test("A coverage penalty is what the attention says")
  func coverage() throws {
    let limits = DecodingLimits(start: padding, end: end, maximumLength: 12)
    let ranking = HypothesisRanking(length: .power(1), coveragePenalty: 0.3)
    let search = BeamSearch(
      width: 3, hypothesisCount: 3, ranking: ranking, limits: limits, returnsAttention: true)
    for hypothesis in search(SequenceWriter(model), TokenBatch(sources)).joined() {
      let attention = try #require(hypothesis.attention)
      let covered = attention[0].indices.reduce(0.0) { sum, position in
        sum + log(min(1, attention.reduce(0) { $0 + Double($1[position]) }))
      }
      let length = Double(attention.count)
      #expect(abs(hypothesis.score - (hypothesis.logProbability / length + 0.3 * covered)) < 1e-5)
    }
  }

  @Test("Greedy search that nobody asks for scores writes the same tokens")
  func unscored() {
    let settings = TransformerLayerSettings(
      modelDimension: 32, headCount: 2, feedForwardDimension: 64)
    var large = TransformerTranslator(
      settings, vocabularySize: 700, encoderLayerCount: 1, decoderLayerCount: 1,
      key: RandomKey(seed: 4))
    // Whenever this one is the end and may be written, it is.
    let eager: Int32 = 5
    large.outputBias.assign((0..<700).map { $0 == eager ? 50 : 0 })
    let writer = SequenceWriter(large, packedAs: .float32)
    let batch = TokenBatch((0..<40).map { row in (0..<5).map { Int32((row * 31 + $0 * 7) % 700) } })
    let prefixes = (0..<40).map { row in [Int32](repeating: 9, count: row % 3) }
    let limits = DecodingLimits(start: 1, end: 2, maximumLength: 9)
    let first = GreedySearch(rules: DecodingRules(suppressed: [[eager]]), limits: limits)(
      writer, batch)
    let often = first[0].tokens[0]
    for (rules, least) in [
      (DecodingRules(), 0), (DecodingRules(), 4),
      (DecodingRules(suppressed: [[eager], [often], [3]]), 0),
      (DecodingRules(suppressed: [[eager]]), 4),
      (DecodingRules(suppressed: [[eager], [often, often]]), 0),
      (DecodingRules(repetitionPenalty: 1.3), 0),
    ] {
      // A token that is often written as the end, so that rows end at different steps.
      for end in [2, often, eager] {
        let limits = DecodingLimits(start: 1, end: end, maximumLength: 9, minimumLength: least)
        let scored = GreedySearch(rules: rules, limits: limits)(writer, batch, prefixes: prefixes)
        let unscored = GreedySearch(rules: rules, limits: limits, returnsScores: false)(
          writer, batch, prefixes: prefixes)
        #expect(unscored.map(\.tokens) == scored.map(\.tokens))
        #expect(unscored.map(\.isFinished) == scored.map(\.isFinished))
        let asksForScores =
          rules.repetitionPenalty != 1 || rules.suppressed.contains { $0.count > 1 }
        #expect(unscored.allSatisfy { $0.logProbability.isNaN != asksForScores })
      }
    }
  }

  private func hypotheses(_ settings: JSONField) throws -> [[Hypothesis]] {
    let width = try settings.integer(at: "num_beams")
    let prefix = try settings.has("prefix") ? settings.integers(at: "prefix").map { Int32($0) } : []
    let new = try settings.optionalInteger(at: "max_new_tokens")
    let longest = try golden.integer(at: "longest")
    let least = try settings.optionalInteger(at: "min_new_tokens").map { $0 + prefix.count }
    let limits = DecodingLimits(
      start: padding, end: end, maximumLength: new.map { $0 + prefix.count } ?? longest,
      minimumLength: least ?? 0)
    let suppressed =
      try settings.has("bad_words_ids")
      ? settings.fields(at: "bad_words_ids").map { try $0.integers().map { Int32($0) } }
      : [[padding]]
    let rules = DecodingRules(
      repetitionPenalty: try settings.optionalDouble(at: "repetition_penalty") ?? 1,
      noRepeatNGramSize: try settings.optionalInteger(at: "no_repeat_ngram_size") ?? 0,
      suppressed: suppressed)
    let writer = SequenceWriter(model, packedAs: .float32)
    let batch = TokenBatch(sources)
    guard width > 1 else {
      return GreedySearch(rules: rules, limits: limits)(writer, batch).map { [$0] }
    }
    let search = BeamSearch(
      width: width, hypothesisCount: width,
      ranking: HypothesisRanking(
        length: .power(try settings.optionalDouble(at: "length_penalty") ?? 1)),
      stopping: try stopping(settings), rules: rules, limits: limits)
    return search(writer, batch, prefixes: prefix.isEmpty ? [] : sources.map { _ in prefix })
  }

  private func stopping(_ settings: JSONField) throws -> StoppingRule {
    guard try settings.has("early_stopping") else { return .hopeless }
    return try settings.field(at: "early_stopping").value == .bool(true)
      ? .finished(patience: 1) : .certain
  }
}
