// SPDX-License-Identifier: Apache-2.0

internal import AttuneData
internal import AttuneFormats
internal import AttuneLayers
internal import AttuneModels
internal import AttunePipelines
internal import AttuneTensors
internal import AttuneTokenizers
internal import AttuneTraining

/// Vectors and their captions, checked and divided.
struct CaptioningData {
  /// Vectors in memory with the captions of each; all of them have some.
  struct Part: Sendable {
    let table: VectorTable
    let captions: [[String]]

    var captionCount: Int { captions.reduce(0) { $0 + $1.count } }
  }

  let training: Part
  let validation: Part
  /// Numbers of a vector.
  let dimension: Int
  let form: VectorForm
  /// What was found, for the user.
  private(set) var notes: [String] = []
  private(set) var warnings: [String] = []
  /// SHA-256 of the files.
  let hashes: [String]

  /// Reads, checks and divides; throws before anything is written.
  init(_ request: CaptionerTraining.Request, _ settings: CaptionerSettings) throws {
    let all = try Self.read(request.data, settings)
    let kept = try request.validation.map { try Self.read($0, settings) }
    try kept?.vectors.requireDimension(all.vectors.dimension)
    dimension = all.vectors.dimension
    form = all.vectors.positionCount == 1 ? .vector : .sequence
    if form == .vector { try kept?.vectors.requireSingle() }
    warnings = [all.warning, kept?.warning].compactMap { $0 }
    let lowercases = settings.lowercases ?? false
    if let kept {
      training = try Part(all, rows: all.captionedRows, lowercases: lowercases)
      validation = try Part(kept, rows: kept.captionedRows, lowercases: lowercases)
    } else {
      let (learned, judged) = try Self.split(all, settings)
      training = try Part(all, rows: learned, lowercases: lowercases)
      validation = try Part(all, rows: judged, lowercases: lowercases)
    }
    hashes = try (request.files + CaptionerOrigin.files(settings)).map {
      "\(try SHA256.hash(file: $0))"
    }
    let size = form == .vector ? "vectors" : "sequences of vectors"
    notes.append(
      "\(size) of \(dimension.grouped) numbers: \(training.captions.count.grouped) with "
        + "\(training.captionCount.grouped) captions to train, \(validation.captions.count.grouped) "
        + "with \(validation.captionCount.grouped) to validate"
        + (kept == nil ? " (at random; --validation-vectors FILE overrides)" : ""))
  }

  private static func read(
    _ files: CaptionFiles, _ settings: CaptionerSettings
  ) throws -> CaptionedVectors {
    try files.open(
      format: settings.vectorsFormat.flatMap { FeatureFormat(rawValue: $0) },
      rowColumn: settings.rowColumn, captionColumn: settings.captionColumn,
      encoding: TextEncoding(rawValue: settings.encoding ?? "utf8") ?? .utf8)
  }

  /// Keeps vectors for validation, with all their captions.
  private static func split(
    _ data: CaptionedVectors, _ settings: CaptionerSettings
  ) throws -> ([Int], [Int]) {
    let rows = data.captionedRows
    let count = min(settings.validationRows ?? 500, rows.count / 10)
    guard count > 0 else { throw TooFewVectorsError(file: data.vectors.name, count: rows.count) }
    let order = RandomKey(seed: settings.seed ?? 0).place(0xCA97).shuffled(rows.count)
    let kept = Set(order.prefix(count).map { rows[$0] })
    return (rows.filter { !kept.contains($0) }, rows.filter { kept.contains($0) })
  }

  /// The captions as tokens, each with its vector.
  struct Examples {
    let training: [SequencePair<Int>]
    let validation: [SequencePair<Int>]
    let notes: [String]
  }

  /// Cuts all captions; those of more than `limit` tokens are not learned from, and cut for validation.
  func examples(_ tokenizer: LanguageTokenizer, limit: Int) -> Examples {
    let (learned, judged) = (encode(training, tokenizer), encode(validation, tokenizer))
    let kept = learned.filter { $0.target.count <= limit }
    var notes: [String] = []
    if kept.count < learned.count {
      notes.append(
        "\((learned.count - kept.count).grouped) captions of more than \(limit) tokens are left out "
          + "(--max-length)")
    }
    let tokens = kept.reduce(0) { $0 + $1.target.count }
    let unknown = kept.reduce(0) { $0 + $1.target.count { $0 == tokenizer.unknownID } }
    notes.append("tokens to train on: \(tokens.grouped), \(unknown.grouped) of them unknown")
    let cut = judged.map { pair in
      guard pair.target.count > limit else { return pair }
      return SequencePair(
        source: pair.source, target: pair.target.prefix(limit - 1) + [tokenizer.endID],
        sourceTokenCount: pair.sourceTokenCount)
    }
    return Examples(training: kept, validation: cut, notes: notes)
  }

  private func encode(_ part: Part, _ tokenizer: LanguageTokenizer) -> [SequencePair<Int>] {
    let places = part.captions.indices.flatMap { row in part.captions[row].map { (row, $0) } }
    return Parallel.map(places.count, chunk: 256) { place in
      let (row, caption) = places[place]
      return SequencePair(
        source: row, target: tokenizer.encodeIDs(caption),
        sourceTokenCount: form == .vector ? 0 : part.table.positionCount(of: row))
    }
  }
}

/// Vectors in memory, from which batches are gathered.
struct VectorTable: Sendable {
  private let vectors: Tensor
  private let layout: SequenceLayout

  init(_ batch: FeatureBatch) {
    let states = PackedStates(batch)
    (vectors, layout) = (states.states, states.layout)
  }

  /// All numbers, vector by vector.
  var values: [Float] { vectors.values }

  func positionCount(of item: Int) -> Int { layout.length(of: item) }

  /// The vectors of some items, in the given order.
  func items(_ items: [Int]) -> PackedStates {
    PackedStates(
      states: vectors.rows(items.flatMap { layout.rows(of: $0).map { Int32($0) } }),
      layout: SequenceLayout(lengths: items.map { layout.length(of: $0) }))
  }
}

extension CaptioningData.Part {
  fileprivate init(_ data: CaptionedVectors, rows: [Int], lowercases: Bool) throws {
    table = VectorTable(try data.vectors.batch(rows))
    captions = rows.map { row in
      lowercases ? data.captions[row].map { $0.lowercased() } : data.captions[row]
    }
  }
}

/// Vectors of which none can be kept for validation.
struct TooFewVectorsError: AttuneError, Equatable {
  let file: String
  let count: Int

  var exitCode: ExitStatus { .data }

  var description: String {
    "\(file): \(count) vectors with captions are too few to keep some for validation, expected 10 or "
      + "more. Give validation files: --validation-vectors FILE --validation-captions FILE."
  }
}
