// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AttuneData
import AttuneFormats
import AttunePipelines

/// How vectors are written.
enum VectorFormat {
  /// A line of numbers for each text.
  case numbers
  /// An object of text and vector for each text.
  case json
  /// The objects of the input with the vector beside their keys.
  case objects
  /// The rows of the input with a column for each number.
  case table(Delimiter)
  /// An array of numpy.
  case numpy

  /// The format that the name of the output tells.
  init(path: String?, isJSON: Bool) throws {
    guard let path, path != "-" else {
      self = isJSON ? .json : .numbers
      return
    }
    let suffix = FileSystem.name(of: path).lowercased().split(separator: ".").dropFirst().last
    switch suffix {
    case "npy" where !isJSON: self = .numpy
    case "csv" where !isJSON: self = .table(.comma)
    case "tsv" where !isJSON: self = .table(.tab)
    case "jsonl", "ndjson": self = isJSON ? .json : .objects
    case _ where isJSON: self = .json
    default:
      throw ValidationError(
        "--output is '\(path)', expected a name that ends in .npy, .jsonl, .csv or .tsv, or --json."
      )
    }
  }
}

/// Where the vectors of texts go.
final class VectorOutput {
  private enum Sink {
    case text(ResultOutput, VectorFormat)
    case array(NumpyArrayWriter)
  }

  private let sink: Sink
  private let columns: [String]
  private let rowWriter: DelimitedWriter

  /// Starts the output; `columns` are those of the input, when it is a table.
  init(
    _ format: VectorFormat, to options: OutputOptions, columns: [String], dimension: Int
  ) throws {
    self.columns = columns
    var delimiter = Delimiter.comma
    if case .table(let chosen) = format { delimiter = chosen }
    // Quotes are doubled in TSV, too: a text may hold anything.
    rowWriter = DelimitedWriter(DelimitedFormat(delimiter, quoting: .doubled))
    if case .numpy = format, let path = options.output {
      sink = .array(
        try NumpyArrayWriter(
          path: path, columnCount: dimension, existing: options.overwrite ? .replace : .refuse))
      return
    }
    let output = try options.open()
    sink = .text(output, format)
    if case .table = format {
      let name = Self.columnName(besides: columns)
      try output.write(
        rowWriter.row(
          (columns.isEmpty ? ["text"] : columns) + (0..<dimension).map { "\(name)_\($0)" }))
    }
  }

  /// A name whose numbered columns are not in the input.
  private static func columnName(besides columns: [String]) -> String {
    var (name, number) = ("embedding", 1)
    while columns.contains(where: { $0.hasPrefix("\(name)_") }) {
      number += 1
      name = "embedding\(number)"
    }
    return name
  }

  /// Whether the results reach nobody before `finish()`.
  var isFile: Bool {
    switch sink {
    case .text(let output, _): output.isFile
    case .array: true
    }
  }

  /// Appends texts with their vectors.
  func write(_ rows: [TextRow], _ vectors: Embeddings) throws {
    switch sink {
    case .array(let array): try array.append(vectors.values)
    case .text(let output, let format):
      for (index, row) in rows.enumerated() {
        try output.write(bytes(of: row, vectors[index], format))
      }
      try output.flush()
    }
  }

  /// Ends the output; a file gets its name.
  func finish() throws {
    switch sink {
    case .text(let output, _): try output.finish()
    case .array(let array): try array.commit()
    }
  }

  private func bytes(
    of row: TextRow, _ vector: ArraySlice<Float>, _ format: VectorFormat
  ) throws -> [UInt8] {
    let text = TextParts(row.parts).joined
    switch format {
    case .numbers, .numpy:
      return Array((vector.map(\.description).joined(separator: " ") + "\n").utf8)
    case .json: return try json(JSONObject([("text", .string(text))]), vector)
    case .objects:
      return try json(row.record?.object ?? JSONObject([("text", .string(text))]), vector)
    case .table:
      let fields = try columns.indices.map { try row.record?[$0] ?? "" }
      return try rowWriter.row(
        (columns.isEmpty ? [text] : fields) + vector.map(\.description))
    }
  }

  /// The object with the vector under the key `embedding`, as a line.
  private func json(_ object: JSONObject, _ vector: ArraySlice<Float>) throws -> [UInt8] {
    var object = object
    object["embedding"] = nil
    var line = try JSONValue.object(object).serialized()
    // Hundreds of numbers a text: as text they are put together faster than as values.
    line.removeLast()
    line += (object.isEmpty ? "" : ",").utf8
    line += "\"embedding\":[\(vector.map(\.description).joined(separator: ","))]}\n".utf8
    return line
  }
}
