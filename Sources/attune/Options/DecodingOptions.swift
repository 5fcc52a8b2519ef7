// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneDecoding
import AttuneModels
import AttunePipelines

/// When a beam search ends, by name.
enum StoppingName: String, CaseIterable, ExpressibleByArgument {
  /// When enough results are finished.
  case finished
  /// When no beginning is better than what is finished, ended as long as it is.
  case hopeless
  /// When no beginning can become better than what is finished.
  case certain
}

/// How lengths enter the scores, by name.
enum LengthName: String, CaseIterable, ExpressibleByArgument {
  /// length^p
  case power
  /// ((5 + length) / 6)^p
  case gnmt
}

/// How texts are looked for by what writes them; names and defaults are those of CTranslate2.
struct DecodingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Beginnings that are kept; 1: greedy search (default: as the model's folder says).",
      valueName: "count"))
  var beamSize: Int?

  @Option(
    name: [.customLong("n-best"), .customLong("num-hypotheses")],
    help: ArgumentHelp("Results for each input, best first.", valueName: "count"))
  var hypothesisCount = 1

  @Option(
    help: ArgumentHelp(
      "End when so many times --beam-size results are finished.", valueName: "factor"))
  var patience = 1.0

  @Option(help: "What ends a beam search otherwise: enough finished, or no better one in sight.")
  var stopping = StoppingName.finished

  @Option(
    help: ArgumentHelp(
      """
      p in score = log-probability / length^p; lengths count the end (default: as the model's \
      folder says, else 1).
      """, valueName: "p"))
  var lengthPenalty: Double?

  @Option(help: "Divide by length^p, or with 'gnmt' by ((5 + length) / 6)^p.")
  var lengthNormalization = LengthName.power

  @Option(
    help: ArgumentHelp(
      "b in score + b * sum of log(min(1, attention on each position of the input)).",
      valueName: "b"))
  var coveragePenalty = 0.0

  @Option(
    help: ArgumentHelp(
      "Multiply the log-probabilities of tokens that were written already.", valueName: "factor"))
  var repetitionPenalty = 1.0

  @Option(
    help: ArgumentHelp("Write no run of so many tokens twice; 0: no rule.", valueName: "count"))
  var noRepeatNgramSize = 0

  @Option(
    help: ArgumentHelp(
      "Most tokens of a result, the end included (default: 256).", valueName: "count"))
  var maxDecodingLength: Int?

  @Option(help: ArgumentHelp("Tokens before the end may come.", valueName: "count"))
  var minDecodingLength = 1

  @Option(
    name: .customLong("suppress-sequences"),
    help: ArgumentHelp("Never write this; may be given several times.", valueName: "text"))
  var suppressed: [String] = []

  @Flag(help: "Never write the unknown token.")
  var disableUnk = false

  @Option(help: ArgumentHelp("Begin every result with this.", valueName: "text"))
  var targetPrefix = ""

  @Option(
    help: ArgumentHelp(
      "How strongly to prefer the prefix, from 0 to 1; 0: it is forced.", valueName: "b"))
  var prefixBiasBeta = 0.0

  @Option(
    help: ArgumentHelp(
      """
      Draw each token from the so many likeliest; 0: from all (default: 1, nothing is drawn; 0 \
      with --sampling-topp or --sampling-temperature).
      """, valueName: "count"))
  var samplingTopk: Int?

  @Option(
    help: ArgumentHelp(
      "Draw from the fewest tokens that hold this share of the probability.", valueName: "share"))
  var samplingTopp = 1.0

  @Option(help: ArgumentHelp("Below 1, likely tokens become likelier.", valueName: "number"))
  var samplingTemperature = 1.0

  @Option(help: "Seed of what is drawn; each input has draws of its own.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "Inputs that are worked on together: a matter of speed and memory.", valueName: "count"))
  var batchSize = 64

  /// More beginnings than this cost more than they find; folders may ask for as many.
  static let widestBeam = 1 << 10
  /// Scores stay finite up to here.
  static let largestPenalty = 100.0

  /// What tokens are drawn from; nil: nothing is drawn.
  private var sampling: TokenSampling? {
    let topK = samplingTopk ?? (samplingTopp < 1 || samplingTemperature != 1 ? 0 : 1)
    guard topK != 1 else { return nil }
    return TokenSampling(temperature: samplingTemperature, topK: topK, topP: samplingTopp)
  }

  func validate() throws {
    try validateCounts()
    try validateNumbers()
    if let beamSize, hypothesisCount > beamSize, sampling == nil {
      throw ValidationError(
        "--n-best is \(hypothesisCount), but --beam-size \(beamSize) finds no more than that.")
    }
    if let beamSize, beamSize > 1, sampling != nil {
      throw ValidationError("Tokens are drawn or searched for with a beam, not both.")
    }
    if prefixBiasBeta > 0, targetPrefix.isEmpty {
      throw ValidationError("--prefix-bias-beta needs --target-prefix.")
    }
  }

  private func validateCounts() throws {
    for (name, value, range) in [
      ("--beam-size", beamSize ?? 1, 1...Self.widestBeam),
      ("--n-best", hypothesisCount, 1...Self.widestBeam),
      ("--no-repeat-ngram-size", noRepeatNgramSize, 0...1 << 20),
      ("--max-decoding-length", maxDecodingLength ?? 1, 1...1 << 20),
      ("--min-decoding-length", minDecodingLength, 0...1 << 20),
      ("--sampling-topk", samplingTopk ?? 0, 0...1 << 20),
      ("--batch-size", batchSize, 1...1 << 20),
    ] where !range.contains(value) {
      throw ValidationError(
        "\(name) is \(value), expected a number from \(range.lowerBound) to \(range.upperBound).")
    }
  }

  private func validateNumbers() throws {
    let penalties = "a number from -\(Self.largestPenalty) to \(Self.largestPenalty)"
    for (name, value, isRight, expected) in [
      ("--patience", patience, patience > 0, "a number above 0"),
      (
        "--length-penalty", lengthPenalty ?? 1, abs(lengthPenalty ?? 1) <= Self.largestPenalty,
        penalties
      ),
      (
        "--coverage-penalty", coveragePenalty, abs(coveragePenalty) <= Self.largestPenalty,
        penalties
      ),
      ("--repetition-penalty", repetitionPenalty, repetitionPenalty > 0, "a number above 0"),
      (
        "--sampling-topp", samplingTopp, samplingTopp > 0 && samplingTopp <= 1,
        "a number above 0, up to 1"
      ),
      ("--sampling-temperature", samplingTemperature, samplingTemperature > 0, "a number above 0"),
      (
        "--prefix-bias-beta", prefixBiasBeta, (0..<1).contains(prefixBiasBeta),
        "a number from 0 to below 1"
      ),
    ] where !isRight || !value.isFinite {
      throw ValidationError("\(name) is \(value), expected \(expected).")
    }
  }

  /// The options for a model whose folder asks to be used so.
  func options(_ generation: GenerationDefaults) -> WritingOptions {
    var options = WritingOptions()
    options.beamSize = beamSize
    options.hypothesisCount = hypothesisCount
    let penalty = lengthPenalty ?? generation.lengthPenalty
    options.length = lengthNormalization == .power ? .power(penalty) : .shifted(penalty)
    options.coveragePenalty = coveragePenalty
    switch stopping {
    case .finished: options.stopping = .finished(patience: patience)
    case .hopeless: options.stopping = .hopeless
    case .certain: options.stopping = .certain
    }
    options.repetitionPenalty = repetitionPenalty
    options.noRepeatNGramSize = noRepeatNgramSize
    options.maximumLength = maxDecodingLength
    options.minimumLength = minDecodingLength
    options.suppressed = suppressed
    options.disablesUnknown = disableUnk
    options.targetPrefix = targetPrefix
    options.prefixBias = prefixBiasBeta
    options.sampling = sampling
    options.seed = seed
    options.batchSize = batchSize
    return options
  }
}

/// What concerns the texts that a translator reads.
struct TranslationOptions: ParsableArguments {
  @OptionGroup var decoding: DecodingOptions

  @Option(
    help: ArgumentHelp("Most tokens of a text; the rest is cut off.", valueName: "count"))
  var maxInputLength = 1024

  @Flag(help: "Write in place of the unknown token the source token that it attends to most.")
  var replaceUnknowns = false

  func validate() throws {
    guard 2...1 << 20 ~= maxInputLength else {
      throw ValidationError(
        "--max-input-length is \(maxInputLength), expected a number from 2 to 1048576.")
    }
  }

  /// The options for a model.
  func options(for translation: Translation) -> Translation.Options {
    var options = Translation.Options()
    options.writing = decoding.options(translation.generation)
    options.maximumSourceLength = maxInputLength
    options.replacesUnknown = replaceUnknowns
    return options
  }
}
