// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttuneLayers
import AttuneModels
import AttunePipelines
import AttuneTensors
import AttuneTokenizers

/// The embedder that is timed.
struct EmbedderOptions: ParsableArguments {
  @Argument(help: "Folder of an embedder.") var model: String
  @Option(
    help: "How weights are packed: float32, bfloat16, int16 or int8.",
    transform: Self.format(named:))
  var precision = PackedMatrix.Format.float32
  @Option(help: "Threads.") var threads = 2

  private static func format(named name: String) throws -> PackedMatrix.Format {
    guard let format = PackedMatrix.Format(rawValue: name) else {
      throw ValidationError("--precision must be float32, bfloat16, int16 or int8, not '\(name)'")
    }
    return format
  }

  func validate() throws {
    guard threads > 0 else { throw ValidationError("--threads must be positive") }
  }

  func load() throws -> TextEmbedding {
    Parallel.threadCount = threads
    return try TextEmbedding(contentsOf: model, precision: precision)
  }

  var members: [(String, JSONValue)] {
    [
      ("peer", "attune"), ("precision", .string(precision.rawValue)),
      ("threads", .integer(threads)),
    ]
  }
}

/// Vectors of many texts, tokenisation included.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed", abstract: "Times vectors of texts, from text to vector.")

  @OptionGroup var embedder: EmbedderOptions
  @Argument(help: "Texts, one JSON string a line, gzip or not.") var texts: String
  @Option(help: "Texts of a round, the first of the file; 0: all.") var count = 0
  @Option(help: "Tokens that are worked on together (default: the pipeline's own).")
  var batchTokens: Int?
  @Option(help: "Where the vectors are written (.npy).") var vectors: String?
  @OptionGroup var turns: Turns

  func run() throws {
    let embedding = try embedder.load()
    var texts = try TextLines.read(texts)
    if count > 0 { texts = Array(texts.prefix(count)) }
    let lengths = texts.map {
      embedding.tokenizer.encodeIDs($0, maximumLength: embedding.maximumLength).count
    }
    let layer = embedding.configuration.encoder.layer
    let work = lengths.reduce(0.0) { $0 + layer.operations(onTexts: $1) }
    var options = TextEmbedding.Options()
    if let batchTokens { options.batchTokens = batchTokens }
    if let vectors {
      let writer = try NumpyArrayWriter(
        path: vectors, columnCount: embedding.dimension, existing: .replace)
      try writer.append(embedding.embed(texts, options).values)
      try writer.commit()
    }
    let facts: [(String, JSONValue)] = [
      ("benchmark", "embed"), ("texts", .integer(texts.count)),
      ("tokens", .integer(lengths.reduce(0, +))),
      ("operations", .number(work * Double(embedding.configuration.encoder.layerCount))),
    ]
    try turns.run(after: facts + embedder.members) {
      let before = Stopwatch.processorSeconds
      let seconds = Stopwatch.seconds { _ = embedding.embed(texts, options) }
      return [
        ("seconds", .number(seconds)), ("texts_per_second", .number(Double(texts.count) / seconds)),
        ("processor_seconds", .number(Stopwatch.processorSeconds - before)),
      ]
    }
  }
}

extension TransformerLayerSettings {
  /// Multiplications and additions of one layer on a text of a length: linear maps and attention.
  fileprivate func operations(onTexts length: Int) -> Double {
    let maps = 4 * modelDimension * modelDimension + 2 * modelDimension * feedForwardDimension
    return 2 * Double(length * maps) + 4 * Double(length * length * modelDimension)
  }
}

/// The time of one short text.
struct LatencyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency", abstract: "Times the vector of one text, again and again.")

  @OptionGroup var embedder: EmbedderOptions
  @Option(help: "The text.")
  var text = "The acting was wonderful, but the plot made no sense at all."
  @Option(help: "Times of a round.") var count = 500
  @OptionGroup var turns: Turns

  func validate() throws {
    guard count > 0 else { throw ValidationError("--count must be positive") }
  }

  func run() throws {
    let embedding = try embedder.load()
    let tokens = embedding.tokenizer.encodeIDs(text).count
    let facts: [(String, JSONValue)] = [
      ("benchmark", "latency"), ("tokens", .integer(tokens)), ("count", .integer(count)),
    ]
    try turns.run(after: facts + embedder.members) {
      let times = (0..<count).map { _ in
        Stopwatch.seconds { _ = embedding.embed(text) } * 1e3
      }.sorted()
      return [
        ("p50_ms", .number(times[count / 2])), ("p99_ms", .number(times[count * 99 / 100])),
        ("least_ms", .number(times[0])),
      ]
    }
  }
}
