// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttuneTensors
import AttuneTokenizers
import AttuneTraining

/// An epoch of real texts in shuffled batches.
struct EpochCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "epoch", abstract: "Times an epoch of texts of many lengths.")

  @Argument(help: "CSV file with a text and a label column, gzip or not.") var file: String
  @OptionGroup var options: ModelOptions
  @Option(help: "Steps to make; 0: the whole epoch.") var steps = 0
  @Option(help: "Steps before the clock starts.") var warmUp = 10
  @Option(help: "Longest text in tokens; the rest is cut off.") var maximumLength = 128

  func run() throws {
    Parallel.threadCount = options.threads
    let examples = try TokenizedTexts(
      file, vocabularySize: options.vocabulary, maximumLength: maximumLength
    ).examples
    let strategy = Batching.Strategy.shuffled(examples: options.batch)
    var trainer = try options.makeTrainer(examples, strategy: strategy)
    let batches = Batching(strategy).steps(
      lengths: examples.map { $0.windows[0].ids.count }, seed: options.seed, epoch: 0)
    for batch in batches.prefix(warmUp) {
      _ = try trainer.step(on: batch.map { $0.map { examples[$0] } })
    }
    let start = ContinuousClock.now
    var (tokens, loss, count) = (0, 0.0, 0)
    for batch in batches.prefix(steps == 0 ? batches.count : steps) {
      let report = try trainer.step(on: batch.map { $0.map { examples[$0] } })
      tokens += report.tokenCount
      loss += report.loss
      count += 1
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    try Report.print(
      [("benchmark", "epoch"), ("peer", "attune")] + options.members + [
        ("examples", .integer(examples.count)), ("steps", .integer(count)),
        ("tokens", .integer(tokens)), ("seconds", .number(seconds)),
        ("tokens_per_second", .number(Double(tokens) / seconds)),
        ("loss", .number(loss / Double(max(count, 1)))),
        ("peak_mib", .number(PeakMemory.mebibytes)),
      ])
  }
}

/// The ids of the texts, for peers that train on the same tokens.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Prints the label and the token ids of each text, as `epoch` sees them.")

  @Argument(help: "CSV file with a text and a label column, gzip or not.") var file: String
  @Option(help: "Entries of the vocabulary that is learnt from the texts.") var vocabulary = 8192
  @Option(help: "Longest text in tokens; the rest is cut off.") var maximumLength = 128

  func run() throws {
    let texts = try TokenizedTexts(file, vocabularySize: vocabulary, maximumLength: maximumLength)
    let lines = texts.examples.map { example in
      "\(example.label) " + example.windows[0].ids.map(String.init).joined(separator: " ") + "\n"
    }
    Report.write(lines.joined())
  }
}

/// Texts of a file in the WordPiece vocabulary that is learnt from them.
struct TokenizedTexts {
  let examples: [ClassificationExample]

  init(_ file: String, vocabularySize: Int, maximumLength: Int) throws {
    let set = try LabelledTextSet(path: file)
    let texts = set.examples.map { $0.parts.joined(separator: " ") }
    let tokenizer = try WordPieceTrainer(vocabularySize: vocabularySize).train(on: texts)
    let indices = Dictionary(
      set.labels.enumerated().map { ($0.element, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    examples = zip(set.examples, texts).map { example, text in
      ClassificationExample(
        ids: tokenizer.encodeIDs(text, maximumLength: maximumLength),
        label: indices[example.label] ?? 0)
    }
  }
}
