// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats

/// The rows of an `.npy` file, read as they are asked for.
///
/// ```swift
/// let vectors = try NumpyArrayReader(path: "vectors.npy")
/// let first = try vectors.rows(0..<min(100, vectors.rowCount))
/// ```
/// Header and size of the file are checked at once; a file that claims more than it holds costs no memory. One of one to three
/// axes is read as rows along the first: those of three axes are the numbers of a whole slice.
public final class NumpyArrayReader: Sendable {
  /// The file, for messages.
  public let name: String
  /// What the file says about itself.
  public let header: NumpyHeader
  /// Length of the first axis.
  public let rowCount: Int
  /// Numbers of a row: 1 when there is one axis.
  public let columnCount: Int
  private let backing: RandomAccessBytes
  private let offset: Int

  /// Opens a file; one that is gzip, a pipe, and standard input as `-`, are read whole.
  ///
  /// - Parameter allowsTrailingBytes: Whether more may follow, as where several arrays stand in one file.
  public convenience init(path: String, allowsTrailingBytes: Bool = false) throws {
    let file = path == "-" || FileSystem.isStream(path) ? nil : try RandomAccessFile(path)
    let head = try file?.bytes(in: 0..<2) ?? []
    if let file, head != [0x1F, 0x8B] {
      try self.init(.file(file), name: path, allowsTrailingBytes: allowsTrailingBytes)
    } else {
      let name = path == "-" ? "standard input" : path
      try self.init(
        bytes: InputFile.bytes(of: path), name: name, allowsTrailingBytes: allowsTrailingBytes)
    }
  }

  /// Reads an array from memory.
  public convenience init(
    bytes: [UInt8], name: String = "memory", allowsTrailingBytes: Bool = false
  ) throws {
    try self.init(.memory(bytes), name: name, allowsTrailingBytes: allowsTrailingBytes)
  }

  private init(_ backing: RandomAccessBytes, name: String, allowsTrailingBytes: Bool) throws {
    (header, offset) = try NumpyHeader.read(size: backing.size, file: name) {
      try backing.bytes(in: 0..<$0)
    }
    let shape = header.shape
    guard let size = header.size else { throw NumpyError(file: name, .tooLarge(shape: shape)) }
    guard (1...3).contains(shape.count) else {
      throw NumpyError(file: name, .axes(count: shape.count))
    }
    let found = backing.size - offset
    guard found >= size.byteCount else {
      throw NumpyError(
        file: name,
        .cut(shape: shape, type: header.type, expected: size.byteCount, found: found))
    }
    guard found == size.byteCount || allowsTrailingBytes else {
      throw NumpyError(file: name, .trailing(count: found - size.byteCount))
    }
    (self.backing, self.name) = (backing, name)
    (rowCount, columnCount) = (shape[0], shape.dropFirst().reduce(1, *))
  }

  /// Length of each axis.
  public var shape: [Int] { header.shape }

  /// Throws unless rows have so many numbers.
  public func requireColumns(_ count: Int) throws(NumpyError) {
    guard columnCount == count else {
      throw NumpyError(file: name, .columns(expected: count, found: columnCount))
    }
  }

  /// Returns the numbers of rows, row by row.
  ///
  /// - Throws: `NumpyError` for the first number that is not finite, unless that is allowed, and for the first that no Float32
  ///   keeps.
  public func rows(_ range: Range<Int>, allowsNonFinite: Bool = false) throws -> [Float] {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
    var failure: (any Error)?
    let count = range.count * columnCount
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let base = buffer.baseAddress, count > 0 else { return }
      do {
        header.isFortranOrder ? try gather(range, into: base) : try read(range, into: base)
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    if !allowsNonFinite, let index = values.firstIndex(where: { !$0.isFinite }) {
      let value = values[index].isNaN ? "nan" : "\(values[index])"
      throw problem(at: index, from: range) { .notFinite(row: $0, column: $1, value: value) }
    }
    return values
  }

  /// Reads rows that lie as they are wanted.
  private func read(_ range: Range<Int>, into floats: UnsafeMutablePointer<Float>) throws {
    let (first, count) = (range.lowerBound * columnCount, range.count * columnCount)
    let piece = 1 << 16
    try withScratch(of: min(count, piece)) { scratch in
      for start in stride(from: 0, to: count, by: piece) {
        try read(
          min(piece, count - start), at: first + start, through: scratch, into: floats + start,
          stride: 1
        ) { self.problem(at: start + $0, from: range, $1) }
      }
    }
  }

  /// Reads rows whose numbers lie column by column.
  private func gather(_ range: Range<Int>, into floats: UnsafeMutablePointer<Float>) throws {
    try withScratch(of: range.count) { scratch in
      for column in 0..<columnCount {
        let place = storedColumn(column) * rowCount + range.lowerBound
        try read(
          range.count, at: place, through: scratch, into: floats + column, stride: columnCount
        ) { self.problem(at: $0 * self.columnCount + column, from: range, $1) }
      }
    }
  }

  /// In Fortran order the second axis of a slice varies before the third.
  private func storedColumn(_ column: Int) -> Int {
    guard shape.count == 3 else { return column }
    return column / shape[2] + column % shape[2] * shape[1]
  }

  private typealias Place = (_ row: Int, _ column: Int) -> NumpyError.Problem

  private func problem(at index: Int, from range: Range<Int>, _ problem: Place) -> NumpyError {
    let row = range.lowerBound + index / max(1, columnCount)
    return NumpyError(file: name, problem(row, index % max(1, columnCount)))
  }

  private func read(
    _ count: Int, at place: Int, through scratch: UnsafeMutableRawBufferPointer,
    into floats: UnsafeMutablePointer<Float>, stride: Int,
    _ error: (Int, Place) -> NumpyError
  ) throws {
    let width = header.type.kind.byteCount
    let part = UnsafeMutableRawBufferPointer(rebasing: scratch[..<(count * width)])
    guard try backing.read(into: part, at: offset + place * width) == part.count else {
      // The file was whole when it was opened.
      throw NumpyError(
        file: name,
        .cut(
          shape: shape, type: header.type, expected: header.size?.byteCount ?? 0,
          found: place * width))
    }
    let bad = header.type.read(UnsafeRawBufferPointer(part), into: floats, stride: stride)
    if let bad {
      throw error(bad) { .unrepresentable(row: $0, column: $1, type: self.header.type) }
    }
  }

  private func withScratch(
    of count: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: count * header.type.kind.byteCount, alignment: 8)
    defer { scratch.deallocate() }
    try body(scratch)
  }
}
