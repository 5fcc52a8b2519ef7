// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneFormats
import AttuneTensors
import AttuneTraining

/// Training steps on one batch of equal lengths, again and again.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Times training steps on texts of one length.")

  @OptionGroup var options: ModelOptions
  @Option(help: "Tokens in every text.") var length = 128
  @Option(help: "Timed steps.") var steps = 20
  @Option(help: "Steps before the clock starts.") var warmUp = 3
  @Flag(help: "Also time the parts of a step by themselves.") var profile = false
  @Flag(help: "Make these steps again for each line of standard input.") var turns = false

  func validate() throws {
    guard (1...16384).contains(length), steps > 0, warmUp >= 0 else {
      throw ValidationError(
        "--length must be in 1...16384, --steps positive, --warm-up not negative")
    }
  }

  func run() throws {
    Parallel.threadCount = options.threads
    let examples = makeExamples()
    var trainer = try options.makeTrainer(examples, strategy: .shuffled(examples: options.batch))
    for _ in 0..<warmUp { _ = try trainer.step(on: [examples]) }
    guard turns else { return try report { try trainer.step(on: [examples]) } }
    try Report.print([("benchmark", "train"), ("peer", "attune")] + options.members)
    while readLine() != nil { try report { try trainer.step(on: [examples]) } }
  }

  private func report(_ step: () throws -> StepReport) throws {
    let reports = try (0..<steps).map { _ in try step() }
    let rates = Quantiles(reports.map(\.tokensPerSecond))
    let rate = rates.median * options.operationsPerToken(length: length)
    var members: [(String, JSONValue)] = [("benchmark", "train"), ("peer", "attune")]
    members +=
      options.members + [
        ("length", .integer(length)), ("steps", .integer(steps)), ("tokens_per_second", rates.json),
        ("seconds_per_step", .number(Quantiles(reports.map(\.seconds)).median)),
        ("gflops", .number(rate / 1e9)),
        ("share_of_peak", .number(rate / Peak(options.precision).operationsPerSecond())),
        ("loss", .number(reports.last?.loss ?? 0)), ("peak_mib", .number(PeakMemory.mebibytes)),
      ]
    if profile {
      let step = Quantiles(reports.map(\.seconds)).median
      members.append(("profile", StepProfile(options, length: length).json(ofStep: step)))
    }
    try Report.print(members)
  }

  private func makeExamples() -> [ClassificationExample] {
    let key = RandomKey(seed: options.seed)
    return (0..<options.batch).map { index in
      let ids = (0..<length).map { place in
        // Ids below 5 are special tokens.
        5 + Int32(key.word(at: UInt64(index * length + place)) % UInt32(options.vocabulary - 5))
      }
      return ClassificationExample(ids: ids, label: index % 2)
    }
  }
}
