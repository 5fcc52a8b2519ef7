// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneFormats
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// The pairs of a run, checked and divided.
struct TranslationData {
  let training: [TranslationPair]
  let validation: [TranslationPair]
  /// What was found, for the user.
  private(set) var notes: [String] = []
  private(set) var warnings: [String] = []
  /// SHA-256 of the files.
  let hashes: [String]

  /// Reads, checks and divides; throws before anything is written.
  init(_ request: TranslatorTraining.Request, _ settings: TranslatorSettings) throws {
    let encoding = TextEncoding(rawValue: settings.encoding ?? "utf8") ?? .utf8
    let all = try TranslationPairs(request.data, encoding: encoding)
    let kept = try request.validation.map { try TranslationPairs($0, encoding: encoding) }
    if let kept {
      (training, validation) = (all.pairs, kept.pairs)
    } else {
      (training, validation) = try Self.split(all, settings)
    }
    let origin = try settings.origin.map { try WriterOrigin.files(of: $0) } ?? []
    hashes = try (request.data.paths + (request.validation?.paths ?? []) + origin).map {
      "\(try SHA256.hash(file: $0))"
    }
    for pairs in [all] + (kept.map { [$0] } ?? []) { describe(pairs) }
    notes.append(
      "pairs: \(training.count.grouped) to train, \(validation.count.grouped) to validate"
        + (kept == nil ? " (at random; --validation FILE overrides)" : ""))
    warnOfLeaks()
  }

  /// Keeps pairs for validation; those of one source stay together.
  private static func split(
    _ pairs: TranslationPairs, _ settings: TranslatorSettings
  ) throws -> ([TranslationPair], [TranslationPair]) {
    var places: [String: [Int]] = [:]
    var sources: [String] = []
    for (place, pair) in pairs.pairs.enumerated() {
      if places[pair.source] == nil { sources.append(pair.source) }
      places[pair.source, default: []].append(place)
    }
    let count = min(settings.validationPairs ?? 1_000, pairs.pairs.count / 10)
    guard count > 0, sources.count > 1 else {
      throw TooFewPairsError(files: pairs.files.paths, count: pairs.pairs.count)
    }
    var kept: Set<Int> = []
    let order = RandomKey(seed: settings.seed ?? 0).place(0x5917).shuffled(sources.count)
    for index in order.dropLast() where kept.count < count {
      kept.formUnion(places[sources[index]] ?? [])
    }
    return (
      pairs.pairs.indices.filter { !kept.contains($0) }.map { pairs.pairs[$0] },
      pairs.pairs.indices.filter { kept.contains($0) }.map { pairs.pairs[$0] }
    )
  }

  private mutating func describe(_ pairs: TranslationPairs) {
    let place = pairs.files.paths.joined(separator: " and ")
    if let heading = pairs.heading {
      notes.append("\(place): the columns are \(heading.joined(separator: " and "))")
    }
    guard !pairs.emptyLines.isEmpty else { return }
    let lines = pairs.emptyLines.prefix(5).map(String.init).joined(separator: ", ")
    let count = pairs.emptyLines.count
    warnings.append(
      "\(place): \(count) pair\(count == 1 ? "" : "s") with an empty side \(count == 1 ? "is" : "are") "
        + "left out (line\(count == 1 ? "" : "s") \(lines)\(count > 5 ? ", …" : ""))")
  }

  private mutating func warnOfLeaks() {
    let known = Set(training.lazy.map { $0.source + "\t" + $0.target })
    let count = validation.count { known.contains($0.source + "\t" + $0.target) }
    guard count > 0 else { return }
    warnings.append(
      "\(count) validation pairs stand among those to train on: the score will be too good")
  }

  /// The pairs as tokens.
  struct Examples {
    var training: [SequencePair<[Int32]>]
    var validation: [SequencePair<[Int32]>]
    var notes: [String] = []
  }

  /// Cuts all pairs; those with a side of more than `limit` tokens are not learned from, and cut for validation.
  func examples(_ tokenizers: TranslationTokenizers, limit: Int) -> Examples {
    func encode(_ pairs: [TranslationPair]) -> [SequencePair<[Int32]>] {
      Parallel.map(pairs.count, chunk: 256) { place in
        SequencePair(
          tokens: tokenizers.source.encodeIDs(pairs[place].source),
          target: tokenizers.target.encodeIDs(pairs[place].target))
      }
    }
    func isLong(_ pair: SequencePair<[Int32]>) -> Bool {
      max(pair.source.count, pair.target.count) > limit
    }
    let (training, validation) = (encode(self.training), encode(self.validation))
    var examples = Examples(
      training: training.filter { !isLong($0) },
      validation: validation.map { pair in
        guard isLong(pair) else { return pair }
        let end = tokenizers.target.endID
        func cut(_ side: [Int32]) -> [Int32] {
          side.count > limit ? side.prefix(limit - 1) + [end] : side
        }
        return SequencePair(tokens: cut(pair.source), target: cut(pair.target))
      })
    let (dropped, cut) = (
      training.count - examples.training.count, validation.count(where: isLong)
    )
    if dropped > 0 {
      examples.notes.append(
        "\(dropped.grouped) training pairs of more than \(limit) tokens are left out (--max-length)"
      )
    }
    if cut > 0 {
      examples.notes.append(
        "\(cut.grouped) validation pairs are cut at \(limit) tokens (--max-length)")
    }
    let tokens = examples.training.reduce((0, 0)) {
      ($0.0 + $1.source.count, $0.1 + $1.target.count)
    }
    let unknown = unknownShare(examples.training, tokenizers)
    examples.notes.append(
      "tokens to train on: \(tokens.0.grouped) of sources, \(tokens.1.grouped) of targets, "
        + "\(unknown.grouped) of them unknown")
    return examples
  }

  private func unknownShare(
    _ pairs: [SequencePair<[Int32]>], _ tokenizers: TranslationTokenizers
  ) -> Int {
    let unknown = tokenizers.source.unknownID
    return pairs.reduce(0) { sum, pair in
      sum + pair.source.count { $0 == unknown } + pair.target.count { $0 == unknown }
    }
  }
}

/// Pairs of which none can be kept for validation.
struct TooFewPairsError: AttuneError, Equatable {
  let files: [String]
  let count: Int

  var exitCode: ExitStatus { .data }

  var description: String {
    "\(files.joined(separator: " and ")): \(count) pairs are too few to keep some for validation, "
      + "expected 10 or more. Give a validation file: --validation FILE."
  }
}
