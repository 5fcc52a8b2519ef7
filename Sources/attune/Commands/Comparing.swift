// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttuneModels
import AttunePipelines

/// The work of `attune similar`.
struct Comparing {
  let embedding: TextEmbedding
  let embedder: EmbedderOptions
  let similarity: EmbeddingSimilarity
  let json: Bool
  let diagnostics: Diagnostics

  private static let chunk = 512
  /// Texts of which each is compared with each.
  private static let textLimit = 2_000

  /// Compares each text with each.
  func compareAll(_ rows: TextRows, to output: ResultOutput) throws {
    let texts = try rows.next(Self.textLimit + 1)
    guard (2...Self.textLimit).contains(texts.count) else {
      let count = texts.count > Self.textLimit ? "more than \(Self.textLimit)" : "\(texts.count)"
      throw ValidationError(
        "There are \(count) texts to compare, expected 2 to \(Self.textLimit.grouped). "
          + "For more: --query TEXT --input FILE")
    }
    let words = texts.map { TextParts($0.parts).joined }
    let vectors = embedding.embed(words, try embedder.options(for: embedding))
    var tally = TextTally()
    tally.add(texts, vectors.truncatedCounts)
    let scores = words.indices.map { row in
      words.indices.map { similarity(vectors[row], vectors[$0]) }
    }
    if json {
      try output.write([
        "texts": .array(words.map { .string($0) }), "similarity": .string(similarity.rawValue),
        "similarities": .array(scores.map { .array($0.map { .shortest($0) }) }),
      ])
    } else {
      // The text stands first, where a column of any width does not push the numbers apart.
      var table = TextTable(.left, .right)
      for (row, text) in words.enumerated() {
        table.append(
          [String(text.onOneLine.prefix(40))] + scores[row].map { Double($0).decimal(4) })
      }
      try output.write(table.text)
    }
    try output.finish()
    tally.report(to: diagnostics, maximumLength: embedding.maximumLength)
  }

  /// Compares the two texts of each row, in constant memory.
  func comparePairs(_ rows: TextRows, to options: OutputOptions) throws {
    var waiting = try rows.next(Self.chunk)
    let output = try options.open()
    if output.isFile { InterruptFlag.install() }
    let format = PairFormat(columns: rows.columns, format: rows.format, isJSON: json)
    try output.write(format.header())
    let settings = try embedder.options(for: embedding)
    let progress = TerminalProgress(diagnostics)
    var tally = TextTally()
    while !waiting.isEmpty {
      let vectors = embedding.embed(waiting.flatMap(\.parts), settings)
      for (index, row) in waiting.enumerated() {
        try output.write(
          format.row(row, similarity(vectors[2 * index], vectors[2 * index + 1])))
      }
      try output.flush()
      let cut = waiting.indices.map {
        vectors.truncatedCounts[2 * $0] + vectors.truncatedCounts[2 * $0 + 1]
      }
      tally.add(waiting, cut)
      try InterruptFlag.check()
      progress.update(tally.count, "pairs", share: rows.share)
      waiting = try rows.next(Self.chunk)
    }
    try output.finish()
    progress.clear()
    tally.report(to: diagnostics, maximumLength: embedding.maximumLength)
  }

  /// Looks for the texts of a file that are most like each query, in constant memory.
  func search(
    _ queries: [String], in rows: TextRows, _ vectors: NumpyArrayReader?, limit: Int,
    to output: ResultOutput
  ) throws {
    try vectors?.requireColumns(embedding.dimension)
    let settings = try embedder.options(for: embedding, roles: ["document", "passage", "corpus"])
    let asked = embedding.embed(queries, try embedder.options(for: embedding, roles: ["query"]))
    var nearest = NearestVectors(
      queries: asked.values, dimension: embedding.dimension, similarity: similarity, limit: limit)
    var texts: [Int: String] = [:]
    var tally = TextTally()
    let progress = TerminalProgress(diagnostics)
    while case let waiting = try rows.next(Self.chunk), !waiting.isEmpty {
      let words = waiting.map { TextParts($0.parts).joined }
      let first = tally.count
      if let vectors {
        tally.add(waiting, [])
        guard tally.count <= vectors.rowCount else { break }
        nearest.search(try vectors.rows(first..<tally.count))
      } else {
        let embedded = embedding.embed(words, settings)
        nearest.search(embedded.values)
        tally.add(waiting, embedded.truncatedCounts)
      }
      for (index, text) in words.enumerated() { texts[first + index] = text }
      let kept = Set(queries.indices.flatMap { nearest.neighbours(of: $0).map(\.row) })
      texts = texts.filter { kept.contains($0.key) }
      progress.update(tally.count, "texts", share: rows.share)
    }
    progress.clear()
    try requireSameCount(tally.count, rows, vectors)
    for (index, query) in queries.enumerated() {
      try output.write(hits(nearest.neighbours(of: index), for: query, texts, among: queries))
    }
    try output.finish()
    tally.report(to: diagnostics, maximumLength: embedding.maximumLength)
  }

  /// Throws when the vectors cannot be those of the texts.
  private func requireSameCount(
    _ count: Int, _ rows: TextRows, _ vectors: NumpyArrayReader?
  ) throws {
    guard let vectors else { return }
    var total = count
    while case let more = try rows.next(Self.chunk), !more.isEmpty { total += more.count }
    guard total == vectors.rowCount else {
      throw NumpyError(
        file: vectors.name, .rows(expected: total, found: vectors.rowCount, of: "--input"))
    }
  }

  private func hits(
    _ neighbours: [Neighbour], for query: String, _ texts: [Int: String], among queries: [String]
  ) throws -> [UInt8] {
    if json {
      return try neighbours.enumerated().flatMap { rank, hit in
        let line: JSONValue = [
          "query": .string(query), "rank": .integer(rank + 1), "row": .integer(hit.row),
          "similarity": .shortest(hit.similarity), "text": .string(texts[hit.row] ?? ""),
        ]
        return try line.serialized() + [0x0A]
      }
    }
    var table = TextTable(.right, .right, .left)
    for hit in neighbours {
      table.append([
        Double(hit.similarity).decimal(4), "\(hit.row + 1)", (texts[hit.row] ?? "").onOneLine,
      ])
    }
    return Array(((queries.count > 1 ? "\(query.onOneLine)\n" : "") + table.text).utf8)
  }
}

/// How a pair with its similarity is written: its row with a further column, or an object.
private struct PairFormat {
  private let columns: [String]
  private let isTable: Bool
  private let isJSON: Bool
  private let name: String
  private let writer = DelimitedWriter()

  init(columns: [String], format: TableFormat?, isJSON: Bool) {
    self.columns = columns
    self.isJSON = isJSON
    if case .delimited? = format { isTable = !isJSON } else { isTable = false }
    var (name, number) = ("similarity", 1)
    while columns.contains(name) {
      number += 1
      name = "similarity_\(number)"
    }
    self.name = name
  }

  func header() throws -> [UInt8] { isTable ? try writer.row(columns + [name]) : [] }

  func row(_ row: TextRow, _ similarity: Float) throws -> [UInt8] {
    if isTable {
      return try writer.row(
        try columns.indices.map { try row.record?[$0] ?? "" } + ["\(similarity)"])
    }
    var object = isJSON ? JSONObject() : row.record?.object ?? JSONObject()
    if isJSON { object["texts"] = .array(row.parts.map { .string($0) }) }
    object[name] = .shortest(similarity)
    return try JSONValue.object(object).serialized() + [0x0A]
  }
}
