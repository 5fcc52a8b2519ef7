// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttuneModels
import AttuneTensors
import AttuneTraining

/// Masked-token training steps on windows of one length, again and again; what is hidden is drawn in each.
struct MaskedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "masked", abstract: "Times masked-token training steps on texts of one length.")

  @OptionGroup var options: ModelOptions
  @Option(help: "Tokens in every text.") var length = 128
  @Option(help: "Share of the tokens that are hidden.") var maskRate: Float = 0.15
  @Option(help: "Timed steps.") var steps = 20
  @Option(help: "Steps before the clock starts.") var warmUp = 3
  @Flag(help: "Make these steps again for each line of standard input.") var turns = false

  func validate() throws {
    guard (3...16384).contains(length), steps > 0, warmUp >= 0, maskRate > 0, maskRate <= 1 else {
      throw ValidationError(
        "--length must be in 3...16384, --steps positive, --warm-up not negative, --mask-rate in 0...1"
      )
    }
  }

  func run() throws {
    Parallel.threadCount = options.threads
    let objective = makeObjective()
    let windows = objective.corpus.windows
    var trainer = try Trainer(
      MaskedLanguageModel(
        options.encoder(maximumLength: max(512, length)), key: RandomKey(seed: options.seed)),
      objective: objective, examples: windows,
      plan: options.plan(.shuffled(examples: windows.count)))
    for _ in 0..<warmUp { _ = try trainer.step(on: [windows]) }
    guard turns else { return try report { try trainer.step(on: [windows]) } }
    try Report.print([("benchmark", "masked"), ("peer", "attune")] + options.members)
    while readLine() != nil { try report { try trainer.step(on: [windows]) } }
  }

  private func report(_ step: () throws -> StepReport) throws {
    let reports = try (0..<steps).map { _ in try step() }
    try Report.print(
      [("benchmark", "masked"), ("peer", "attune")] + options.members + [
        ("length", .integer(length)), ("steps", .integer(steps)),
        ("tokens_per_second", Quantiles(reports.map(\.tokensPerSecond)).json),
        ("seconds_per_step", .number(Quantiles(reports.map(\.seconds)).median)),
        ("loss", .number(reports.last?.loss ?? 0)), ("peak_mib", .number(PeakMemory.mebibytes)),
      ])
  }

  private func makeObjective() -> MaskedTokenObjective<MaskedLanguageModel> {
    let key = RandomKey(seed: options.seed)
    var corpus = TokenCorpus(vocabularySize: options.vocabulary)
    for index in 0..<options.batch {
      corpus.append(
        (0..<length - 2).map { place in
          // Ids below 5 are special tokens.
          5 + Int32(key.word(at: UInt64(index * length + place)) % UInt32(options.vocabulary - 5))
        })
    }
    return MaskedTokenObjective(
      PackedCorpus(
        corpus, packing: .documents, windowLength: length, classificationID: 2, separatorID: 3),
      TokenMasking(
        .init(rate: maskRate), maskID: 4, isSpecial: (0..<options.vocabulary).map { $0 < 5 },
        continuesWord: [Bool](repeating: false, count: options.vocabulary)))
  }
}
