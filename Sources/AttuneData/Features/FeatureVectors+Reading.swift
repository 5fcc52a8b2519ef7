// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

extension FeatureVectors {
  /// Arrays whose numbers take more bytes than this as Float32 stay on disk.
  public static let memoryLimit = 1 << 30

  /// Reads a file, gzip or not; `-` is standard input.
  ///
  /// - Parameters:
  ///   - format: nil: as the name tells, and for standard input as the first bytes tell.
  ///   - hasHeader: Whether the first row of CSV names the columns; nil: when it holds no number, or numbers that count.
  ///   - memoryLimit: Arrays of numpy whose numbers take more bytes than this stay on disk.
  /// - Throws: `NumpyError` where an array is malformed, `DataFileError` and `JSONError` where rows or lines are, and
  ///   `FeatureVectorsError` where what they hold are no plausible vectors of one width.
  public init(
    path: String, format: FeatureFormat? = nil, hasHeader: Bool? = nil,
    memoryLimit: Int = FeatureVectors.memoryLimit
  ) throws {
    if path == "-" {
      let bytes = try InputFile.bytes(of: path)
      self = try Self(
        bytes: bytes, format: format ?? FeatureFormat(of: bytes), name: "standard input",
        hasHeader: hasHeader)
      return
    }
    switch try format ?? FeatureFormat(path: path) {
    case .numpy:
      self = try Self(NumpyArrayReader(path: path), memoryLimit: memoryLimit)
    case .delimited: self = try Self.delimited(InputFile.open(path), hasHeader: hasHeader)
    case .jsonLines: self = try Self.jsonLines(InputFile.open(path))
    }
  }

  /// Reads a file that lies in memory.
  public init(
    bytes: [UInt8], format: FeatureFormat, name: String = "memory", hasHeader: Bool? = nil
  ) throws {
    switch format {
    case .numpy: self = try Self(NumpyArrayReader(bytes: bytes, name: name), memoryLimit: .max)
    case .delimited:
      self = try Self.delimited(MemoryByteSource(bytes, name: name), hasHeader: hasHeader)
    case .jsonLines: self = try Self.jsonLines(MemoryByteSource(bytes, name: name))
    }
  }

  private init(_ array: NumpyArrayReader, memoryLimit: Int) throws {
    let shape = array.shape
    guard shape.count == 2 || shape.count == 3 else {
      throw FeatureVectorsError(file: array.name, .axes(shape: shape))
    }
    guard shape[0] > 0 else { throw FeatureVectorsError(file: array.name, .noVectors) }
    guard array.columnCount > 0 else {
      throw FeatureVectorsError(file: array.name, .noNumbers(row: 0))
    }
    let positions = Positions.equal(shape.count == 2 ? 1 : shape[1])
    let dimension = shape[shape.count - 1]
    func vectors(_ storage: Storage) -> Self {
      Self(name: array.name, count: shape[0], dimension: dimension, positions, storage)
    }
    // The bytes of a file that is there can be counted four times over.
    if array.rowCount * array.columnCount * MemoryLayout<Float>.size <= memoryLimit {
      let values = try array.rows(0..<array.rowCount, allowsNonFinite: true)
      self = vectors(.memory(values))
      try requirePlausible(values, from: 0)
    } else {
      self = vectors(.file(array))
      let piece = max(1, (1 << 20) / array.columnCount)
      for start in stride(from: 0, to: count, by: piece) {
        let rows = start..<min(start + piece, count)
        try requirePlausible(
          array.rows(rows, allowsNonFinite: true), from: start * array.columnCount)
      }
    }
  }

  private func requirePlausible(_ values: [Float], from first: Int) throws(FeatureVectorsError) {
    if let index = values.firstIndex(where: { !Self.isPlausible($0) }) {
      throw implausible(values[index], at: first + index)
    }
  }

  private static func delimited(_ source: any ByteSource, hasHeader: Bool?) throws -> Self {
    let rows = try DelimitedReader(source, options: DelimitedOptions(hasHeader: false))
    var collector = VectorCollector(file: rows.name)
    var places = Array(rows.columns.indices)
    var isFirst = true
    while let record = try rows.next() {
      collector.line = record.line
      defer { isFirst = false }
      if isFirst, hasHeader ?? isHeader(record.fields) {
        places = try columns(of: record.fields, file: rows.name, line: record.line)
        continue
      }
      try collector.append { collector throws(FeatureVectorsError) in
        for place in places { try collector.append(record[place]) }
      }
    }
    return try collector.vectors()
  }

  /// Whether a first row names columns: it holds no number at all, or numbers that count, as programs name columns that have no
  /// names. One word among other numbers is a mistake in a vector.
  private static func isHeader(_ fields: [String]) -> Bool {
    let numbers = fields.compactMap { VectorCollector.number($0) }
    guard let first = numbers.first else { return true }
    guard fields.count > 2, numbers.count > 1 else { return false }
    let counts = numbers.enumerated().allSatisfy { $1 == first + Float($0) }
    return counts && (first == 0 || first == 1 && numbers.count < fields.count)
  }

  /// The columns of the vectors: all, or those that our own tables have for the vectors of texts.
  private static func columns(of header: [String], file: String, line: Int) throws -> [Int] {
    let names = header.map(\.trimmed)
    // Some programs number the rows in a column that has no name.
    if let place = names.firstIndex(of: "") {
      throw DataFileError(file: file, line: line, .unnamedColumn(number: place + 1))
    }
    // `embedding_0` and so on; where the table had such columns before, `embedding2_0`.
    let prefixes = (1...9).reversed().map { "embedding\($0 == 1 ? "" : "\($0)")_" }
    guard let prefix = prefixes.first(where: { names.contains("\($0)0") }) else {
      return Array(names.indices)
    }
    var places: [Int: Int] = [:]
    for (place, name) in names.enumerated() where name.hasPrefix(prefix) {
      guard let number = Int(name.dropFirst(prefix.count)), number >= 0 else { continue }
      guard places.updateValue(place, forKey: number) == nil else {
        throw DataFileError(file: file, line: line, .duplicateColumn(name))
      }
    }
    return try (0..<places.count).map { number in
      guard let place = places[number] else {
        throw FeatureVectorsError(file: file, line: line, .noColumn("\(prefix)\(number)"))
      }
      return place
    }
  }

  private static func jsonLines(_ source: any ByteSource) throws -> Self {
    let lines = try JSONLinesReader(source)
    var collector = VectorCollector(file: lines.name)
    while let value = try lines.nextValue() {
      collector.line = lines.lineNumber
      try collector.append { collector throws(FeatureVectorsError) in
        try collector.append(value)
      }
    }
    return try collector.vectors()
  }
}
